"""What Slack takes at most, in characters and elements; a payload above a limit is refused as a whole.

From https://docs.slack.dev/reference/block-kit and slack_sdk.models.blocks, read in version 3.47.
"""

BLOCKS = 50
HOME_BLOCKS = 100
SECTION = 3_000
CONTEXT_ELEMENTS = 10
HEADER = 150
BUTTON = 75
BUTTON_VALUE = 2_000
MODAL_TITLE = 24
PRIVATE_METADATA = 3_000
PROMPTS = 4
STREAM_TEXT = 12_000  # of one call that adds to a stream
# A markdown block may have 12,000 characters, and trouble was seen from about 11,000 in all blocks of a message.
MESSAGE = 11_000
TEXT = 4_000  # the plain text that notifications and screen readers use
