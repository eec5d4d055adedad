package cli

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestNotices holds that of many notices of one kind only the first are shown, with how
// many there are besides, and all of them where details are wanted.
func TestNotices(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		level  slog.Level
		tell   func(log *slog.Logger, i int)
		lines  int
		ending string
	}{
		"texts":      {slog.LevelInfo, func(l *slog.Logger, i int) { l.Info(fmt.Sprint("object ", i)) }, mostNotices + 1, "more=50\n"},
		"facts":      {slog.LevelInfo, func(l *slog.Logger, i int) { l.Warn("odd", "object", i) }, mostNotices + 1, "more=50\n"},
		"two kinds":  {slog.LevelInfo, func(l *slog.Logger, i int) { l.Warn([]string{"odd", "even"}[i%2], "object", i) }, 100, "object=99\n"},
		"the same":   {slog.LevelInfo, func(l *slog.Logger, _ int) { l.Warn("odd") }, 1, "odd\n"},
		"with debug": {slog.LevelDebug, func(l *slog.Logger, i int) { l.Warn("odd", "object", i) }, 100, "object=99\n"},
		"errors":     {slog.LevelInfo, func(l *slog.Logger, i int) { l.Error("odd", "object", i) }, 100, "object=99\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			log := newLogger(&out, c.level)
			for i := range 100 {
				c.tell(log, i)
			}
			log.Handler().(*onceHandler).tellLeft(log)
			if got := strings.Count(out.String(), "\n"); got != c.lines || !strings.HasSuffix(out.String(), c.ending) {
				t.Errorf("%d lines, want %d that end with %q:\n%s", got, c.lines, c.ending, out.String())
			}
		})
	}
}
