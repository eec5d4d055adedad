package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// The bounds of what a post-renderer writes.
const (
	maxPostRendered = 256 << 20
	maxPostErrors   = 64 << 10
)

// postAuto is the strategy that goes by what the post-renderer is.
const postAuto = "auto"

// postRenderFlags name a program that changes what was rendered.
type postRenderFlags struct {
	program  onceFlag
	args     []string
	strategy string
}

func (p *postRenderFlags) add(f *pflag.FlagSet) {
	f.Var(&p.program, "post-renderer", "plugin or program that is given the rendered objects and prints what is to take their place")
	textsVar(f, &p.args, "post-renderer-args", "argument of the post-renderer; repeatable")
	f.StringVar(&p.strategy, "post-renderer-strategy", postAuto, "what the post-renderer is given: combined (all objects), separate (hooks in a run of their own), nohooks (all but hooks), auto (a plugin all objects, a program all but hooks)")
}

// onceFlag is a text that may be given once.
type onceFlag struct{ text string }

func (o *onceFlag) String() string { return o.text }
func (o *onceFlag) Type() string   { return "string" }

// Set takes the text.
func (o *onceFlag) Set(text string) error {
	if o.text != "" {
		return errors.New("cannot specify --post-renderer flag more than once")
	}
	o.text = text
	return nil
}

// function is what the flags ask for, nil for nothing. limit bounds the time of
// a run, as render.Config.Timeout bounds that of the templates.
func (p *postRenderFlags) function(s *session, limit time.Duration) (func(context.Context, []render.File) ([]render.File, error), error) {
	if _, err := render.ParsePostStrategy(p.strategy); err != nil && p.strategy != postAuto {
		return nil, err
	}
	if p.program.text == "" {
		if len(p.args) > 0 {
			return nil, errors.New("--post-renderer-args has no meaning without --post-renderer")
		}
		return nil, nil
	}
	change, strategy, err := p.find(s)
	if err != nil {
		return nil, err
	}
	if p.strategy != postAuto {
		strategy = render.PostStrategy(p.strategy)
	}
	program := render.PostRenderer{Name: p.program.text, Run: func(ctx context.Context, in []byte) ([]byte, error) {
		if limit > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(ctx, limit, fmt.Errorf("%w: the post-renderer %s ran longer than %s", render.ErrTimeout, p.program.text, limit))
			defer cancel()
		}
		defer s.waitingFor("the post-renderer " + p.program.text)()
		return change(ctx, in)
	}}
	return func(ctx context.Context, files []render.File) ([]render.File, error) {
		return program.Files(ctx, strategy, files)
	}, nil
}

// find is what --post-renderer names, and what postAuto means for it: the plugin of that
// name, which is Helm 4's and gets all objects, or else a program, which is Helm 3's and
// has never seen hooks.
func (p *postRenderFlags) find(s *session) (func(context.Context, []byte) ([]byte, error), render.PostStrategy, error) {
	name := p.program.text
	if strings.ContainsAny(name, `/\`) {
		name = s.path(name)
	} else {
		all, err := s.allPlugins()
		if err != nil {
			return nil, "", err
		}
		if found := plugin.Find(all, name, plugin.TypePostRenderer); found != nil {
			return func(ctx context.Context, in []byte) ([]byte, error) {
				return found.PostRender(ctx, in, p.args, s.pluginProcess())
			}, render.PostCombined, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, "", fmt.Errorf("unable to find the post-renderer: %w", err)
	}
	return func(ctx context.Context, in []byte) ([]byte, error) {
		return runProgram(ctx, s.Dir, path, p.args, in)
	}, render.PostNoHooks, nil
}

// runProgram runs a program and returns what it prints. What it says when it
// fails is in the error.
func runProgram(ctx context.Context, dir, path string, args []string, in []byte) ([]byte, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	cmd.Stdin = bytes.NewReader(in)
	out, problems := bounded.Buffer{Most: maxPostRendered}, bounded.Buffer{Most: maxPostErrors}
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case out.Over():
		return nil, fmt.Errorf("%s printed more than %d bytes", path, maxPostRendered)
	case err != nil:
		return nil, fmt.Errorf("error while running command %s. error output:\n%s: %w", path, strings.TrimSpace(problems.String()), err)
	}
	return out.Bytes(), nil
}
