"""gunicorn: a few processes of a few threads, behind a platform's router or on one machine."""

import os
import sys

bind = os.environ.get("BIND") or f"0.0.0.0:{os.environ.get('PORT', '8080')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = True
timeout = 30
graceful_timeout = 20
keepalive = 5
max_requests = 2000
max_requests_jitter = 200
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# a page that asks the database for more than this is given up; whoever sets another in DB_OPTIONS has the last word
os.environ["DB_OPTIONS"] = f"-c statement_timeout=25000 {os.environ.get('DB_OPTIONS', '')}".strip()
control_socket_disable = True  # its default place is shared by every gunicorn of the user
forwarded_allow_ips = "*" if os.environ.get("TRUST_PROXY") == "1" else "127.0.0.1"
accesslog = None


def post_fork(server, worker):
    """Connections opened before the fork belong to the parent: forget them without closing them."""
    from app.extensions import db

    with sys.modules["run"].app.app_context():
        for motor in db.engines.values():
            motor.dispose(close=False)
