"""Run jobs: what is waiting goes to idle workers, within limits of time and memory."""
