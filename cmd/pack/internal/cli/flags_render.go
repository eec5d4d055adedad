package cli

import (
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// renderTimeout is the flag that bounds how long templates may take.
type renderTimeout time.Duration

func (t *renderTimeout) add(f *pflag.FlagSet) {
	spanVar(f, (*time.Duration)(t), "render-timeout", render.DefaultTimeout, "how long rendering the templates may take; 0 is as long as it takes")
}

// config is the flag as render.Config.Timeout has it.
func (t renderTimeout) config() time.Duration {
	if t <= 0 {
		return -1
	}
	return time.Duration(t)
}
