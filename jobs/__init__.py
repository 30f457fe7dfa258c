"""Jobs: the handlers of tasks, what runs when, and which fact starts which task. Importing the package registers them all."""
