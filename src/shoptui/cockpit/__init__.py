"""What the cockpit knows and does apart from drawing: the link to the engine, its readers, messages and memory."""
