"""Series in time: their steps, and the windows that a forecast is learned from."""
