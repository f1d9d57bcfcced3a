"""Ask a finished study: more baselines, scaling, a replay, an export."""
