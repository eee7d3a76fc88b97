"""The simulated shops behind the sandbox, free of any marketplace's wire words."""
