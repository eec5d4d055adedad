package cli

import "fmt"

// colorMode is the value of --color.
type colorMode string

const (
	colorAuto   colorMode = "auto"
	colorNever  colorMode = "never"
	colorAlways colorMode = "always"
)

func parseColorMode(text string) (colorMode, error) {
	switch m := colorMode(text); m {
	case colorAuto, colorNever, colorAlways:
		return m, nil
	}
	return "", fmt.Errorf("invalid color mode %q: must be one of: never, auto, always", text)
}

func (m *colorMode) String() string { return string(*m) }
func (m *colorMode) Type() string   { return "string" }

func (m *colorMode) Set(text string) error {
	mode, err := parseColorMode(text)
	if err == nil {
		*m = mode
	}
	return err
}

// style is the number of an ANSI escape sequence.
type style string

const (
	styleBold   style = "1"
	styleRed    style = "31"
	styleGreen  style = "32"
	styleYellow style = "33"
	styleCyan   style = "36"
)

// colored says whether results are coloured.
func (s *session) colored() bool {
	return s.Color == colorAlways || s.Color == colorAuto && s.Terminal.Out
}

// paint puts text into a style where results are coloured.
func (s *session) paint(st style, text string) string {
	if !s.colored() {
		return text
	}
	return painted(st, text)
}

// paintError is paint for what goes to the standard error.
func (s *session) paintError(st style, text string) string {
	if s.Color != colorAlways && (s.Color != colorAuto || !s.Terminal.Err) {
		return text
	}
	return painted(st, text)
}

func painted(st style, text string) string {
	if text == "" {
		return text
	}
	return "\x1b[" + string(st) + "m" + text + "\x1b[0m"
}

// paintStatus colours the status of a release as Helm 4 does.
func (s *session) paintStatus(status string) string {
	switch status {
	case "deployed":
		return s.paint(styleGreen, status)
	case "failed", "unknown":
		return s.paint(styleRed, status)
	case "pending-install", "pending-upgrade", "pending-rollback", "uninstalling":
		return s.paint(styleYellow, status)
	}
	return status
}
