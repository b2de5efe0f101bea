"""How fast, how small and how faithful: `make bench` measures and keeps the figures in `evals/baselines/speed.md`."""
