package render

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// PostRenderer changes rendered files: all of them are given to Run as one stream
// of YAML, which returns another. See Input.PostRender.
type PostRenderer struct {
	// Name is what errors call it.
	Name string
	// Run changes the stream. It is called for each rendering, once or twice.
	Run func(ctx context.Context, in []byte) ([]byte, error)
}

// PostStrategy says which objects a program gets to see, and how.
type PostStrategy string

// The strategies that Helm 4 knows.
const (
	// PostCombined gives it all objects in one run.
	PostCombined PostStrategy = "combined"
	// PostSeparate gives it the hooks in one run and the other objects in another.
	PostSeparate PostStrategy = "separate"
	// PostNoHooks gives it all objects but the hooks.
	PostNoHooks PostStrategy = "nohooks"
)

// ParsePostStrategy reads the name of a strategy.
func ParsePostStrategy(name string) (PostStrategy, error) {
	switch s := PostStrategy(name); s {
	case PostCombined, PostSeparate, PostNoHooks:
		return s, nil
	}
	return "", fmt.Errorf("invalid strategy %q: it is one of combined, separate and nohooks", name)
}

// Files has the program change rendered files.
func (p PostRenderer) Files(ctx context.Context, s PostStrategy, files []manifest.File) ([]manifest.File, error) {
	if s == PostCombined || s == "" {
		return p.pass(ctx, files)
	}
	hooks, others, err := apart(files)
	if err != nil {
		return nil, err
	}
	if others, err = p.pass(ctx, others); err != nil {
		return nil, err
	}
	if s == PostSeparate {
		if hooks, err = p.pass(ctx, hooks); err != nil {
			return nil, err
		}
	}
	return append(others, hooks...), nil
}

// pass is one run of the program. Nothing to change is no run.
func (p PostRenderer) pass(ctx context.Context, files []manifest.File) ([]manifest.File, error) {
	in, err := mergeFiles(files)
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
	changed, err := splitFiles(string(out))
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
