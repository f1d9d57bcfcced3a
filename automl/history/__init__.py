"""Earlier studies as later searches learn from them: what they tried, and what came of it."""
