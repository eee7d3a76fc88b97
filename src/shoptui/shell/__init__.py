"""The shell commands: everything the cockpit does, for scripts."""
