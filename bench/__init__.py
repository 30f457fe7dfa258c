"""``make bench``: how fast the main job is, as ratios inside one run on the embedded PostgreSQL, fully durable."""
