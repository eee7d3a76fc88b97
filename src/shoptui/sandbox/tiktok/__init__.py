"""The TikTok Shop side of the sandbox: signatures, tokens, envelopes and endpoints of the 202309+ API."""
