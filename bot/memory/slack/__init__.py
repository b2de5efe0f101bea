"""What the Slack adapter stores: claims and waiting questions, settings of channels, workspaces."""
