package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/Masterminds/sprig/v3"
	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/tmplfuncs"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// nameFlags settle the name of a new release.
type nameFlags struct {
	generate bool
	template string
}

func (n *nameFlags) add(f *pflag.FlagSet) {
	f.BoolVarP(&n.generate, "generate-name", "g", false, "make a name up from the chart's; NAME is left out")
	f.StringVar(&n.template, "name-template", "", "Go template that makes the name; NAME is left out")
}

// made says whether the name is made up here.
func (n *nameFlags) made() bool { return n.generate && n.template == "" }

// nameAndChart reads the arguments [NAME] CHART. The messages are Helm's.
func (n *nameFlags) nameAndChart(ctx context.Context, args []string, now func() time.Time) (name, chart string, err error) {
	if len(args) > 2 {
		return "", "", fmt.Errorf("expected at most two arguments, unexpected arguments: %v", strings.Join(args[2:], ", "))
	}
	if len(args) == 2 {
		switch {
		case n.generate:
			return "", "", errors.New("cannot set --generate-name and also specify a name")
		case n.template != "":
			return "", "", errors.New("cannot set --name-template and also specify a name")
		}
		return args[0], args[1], nil
	}
	switch {
	case n.template != "":
		name, err = expandName(ctx, n.template, now)
		return name, args[0], err
	case n.generate:
		return release.GenerateName(args[0], now()), args[0], nil
	}
	return "", "", errors.New("must either provide a name or specify --generate-name")
}

// Bounds on --name-template: a name is short.
const (
	maxNameText = 1 << 20
	maxNameTime = 10 * time.Second
)

// expandName evaluates --name-template. It is the user's own, so all of sprig
// is there.
func expandName(ctx context.Context, text string, now func() time.Time) (string, error) {
	funcs := tmplfuncs.New(tmplfuncs.Options{Now: now, MaxBytes: maxNameText})
	own := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv"} {
		funcs[name] = own[name]
	}
	library, err := gotmpl.NewLibrary(funcs)
	if err != nil {
		return "", err
	}
	const name = "name-template"
	trees, err := library.Parse(name, text)
	if err != nil {
		return "", err
	}
	set := gotmpl.NewSet(1)
	set.Add(trees)
	ctx, cancel := context.WithTimeoutCause(ctx, maxNameTime, fmt.Errorf("--name-template takes longer than %s: %w", maxNameTime, context.DeadlineExceeded))
	defer cancel()
	state := gotmpl.NewState(ctx, library, set, gotmpl.Limits{MaxBytes: maxNameText})
	state.KeepMissing() // which is no name: better an error than half of one
	made, err := state.Render(name, nil)
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return made, err
}
