package postrender

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Program is what changes the stream: it is given one, and returns another.
type Program struct {
	// Name is what errors call it.
	Name string
	Run  func(ctx context.Context, in []byte) ([]byte, error)
}

// Strategy says which objects a program gets to see, and how.
type Strategy string

// The strategies that Helm 4 knows.
const (
	// Combined gives it all objects in one run.
	Combined Strategy = "combined"
	// Separate gives it the hooks in one run and the other objects in another.
	Separate Strategy = "separate"
	// NoHooks gives it all objects but the hooks.
	NoHooks Strategy = "nohooks"
)

// ParseStrategy reads the name of a strategy; empty is Combined.
func ParseStrategy(name string) (Strategy, error) {
	switch s := Strategy(name); s {
	case "":
		return Combined, nil
	case Combined, Separate, NoHooks:
		return s, nil
	}
	return "", fmt.Errorf("invalid strategy %q: it is one of combined, separate and nohooks", name)
}

// Files has the program change rendered files.
func (p Program) Files(ctx context.Context, s Strategy, files []manifest.File) ([]manifest.File, error) {
	if s == Combined || s == "" {
		return p.pass(ctx, files)
	}
	hooks, others, err := apart(files)
	if err != nil {
		return nil, err
	}
	if others, err = p.pass(ctx, others); err != nil {
		return nil, err
	}
	if s == Separate {
		if hooks, err = p.pass(ctx, hooks); err != nil {
			return nil, err
		}
	}
	return append(others, hooks...), nil
}

// pass is one run of the program. Nothing to change is no run.
func (p Program) pass(ctx context.Context, files []manifest.File) ([]manifest.File, error) {
	in, err := Merge(files)
	if err != nil || in == "" {
		return nil, err
	}
	out, err := p.Run(ctx, []byte(in))
	if err != nil {
		return nil, fmt.Errorf("error while running post render on files: %w", err)
	}
	if strings.TrimSpace(string(out)) == "" {
		return nil, fmt.Errorf("error while running post render on files: post-renderer %q produced empty output", p.Name)
	}
	changed, err := Split(string(out))
	if err != nil {
		return nil, fmt.Errorf("error while parsing post rendered output: %w", err)
	}
	return changed, nil
}

// apart takes the hooks out of files.
func apart(files []manifest.File) (hooks, others []manifest.File, err error) {
	for _, f := range files {
		set, err := manifest.FromFile(f)
		if err != nil {
			return nil, nil, err
		}
		if docs := contents(set.Manifests); docs != "" {
			others = append(others, manifest.File{Path: f.Path, Content: docs})
		}
		var ms []manifest.Manifest
		for _, h := range set.Hooks {
			ms = append(ms, h.Manifest)
		}
		if docs := contents(ms); docs != "" {
			hooks = append(hooks, manifest.File{Path: f.Path, Content: docs})
		}
	}
	return hooks, others, nil
}

func contents(manifests []manifest.Manifest) string {
	var list []string
	for _, m := range manifests {
		list = append(list, strings.TrimSuffix(m.Content, "\n")+"\n")
	}
	return strings.Join(list, "---\n")
}
