package cli

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

// session is what a command works with: its surroundings, the global flags and
// the logger.
type session struct {
	App
	Settings
	// Log writes to standard error.
	Log   *slog.Logger
	level slog.LevelVar
	// readiness are the rules of --readiness; nil for none.
	readiness *kube.Readiness
	// http is the getter for http and https: see web.
	http     *repo.HTTP
	httpOnce sync.Once
	// oci is the client for registries: see registries.
	oci     *oci.Client
	ociOnce sync.Once
	// plugins are the installed ones, once they were asked for.
	plugins pluginSet
	// applies says that the command changes a release.
	applies bool
	// outside are the surroundings with the streams as they were handed in.
	outside App
	// pipes is how many pipes and devices are being opened or read.
	pipes atomic.Int32
	// screen is the terminal behind the standard error; nil if there is none.
	screen *screen
}

func newSession(app App) *session {
	s := &session{App: app, outside: app}
	s.Settings = readSettings(app)
	if app.Terminal.Err {
		s.screen = &screen{w: app.Err}
		s.Err = s.screen.through(app.Err)
		if app.Terminal.Out {
			s.Out = s.screen.through(app.Out)
		}
	}
	s.Log = newLogger(s.Err, &s.level)
	return s
}

// start applies the global flags, once they are parsed.
func (s *session) start(cmd *cobra.Command) error {
	noticeDeprecated(cmd, s.Err)
	if s.Debug {
		s.level.Set(slog.LevelDebug)
	}
	for _, problem := range s.problems {
		s.Log.Warn(problem)
	}
	s.warnOfGone(cmd)
	return nil
}

// newLogger writes lines as Helm 4 does: level=WARN msg="..." key=value.
func newLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(newOnceHandler(slog.NewTextHandler(w, &slog.HandlerOptions{
		Level: level,
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	})))
}
