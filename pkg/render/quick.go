package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/semver/v3"
	"github.com/Masterminds/sprig/v3"
	"go.yaml.in/yaml/v3"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
)

// Renderer renders charts.
type Renderer struct{ cfg Config }

// New checks a configuration.
func New(cfg Config) (*Renderer, error) { return &Renderer{cfg: cfg}, nil }

// Render renders a configured chart.
func (r *Renderer) Render(ctx context.Context, c *chart.Configured, in Input) (*Result, error) {
	if err := checkKubeVersion(c.Chart, in.Capabilities.orDefault().KubeVersion); err != nil {
		return nil, err
	}
	charts := flatten(c.Chart)
	list := sources(charts)
	objects := newDots(c.Chart, deepCopy(c.Values), in)
	res := &Result{}
	res.Warnings = append(res.Warnings, c.Warnings...)
	files, notes, err := r.execute(ctx, list, objects, charts, res)
	if err != nil {
		return nil, err
	}
	_ = notes
	res.Files = files
	if in.PostRender != nil {
		if res.Files, err = in.PostRender(ctx, res.Files); err != nil {
			return nil, err
		}
	}
	res.Notes = notes[c.Chart.FullPath()+"/templates/NOTES.txt"]
	set, err := manifest.FromFiles(res.Files)
	if err != nil {
		return res, err
	}
	res.Manifests, res.Hooks = set.Manifests, set.Hooks
	res.Warnings = append(res.Warnings, set.Notices...)
	for _, ch := range charts {
		for _, f := range ch.Files() {
			if strings.HasPrefix(f.Name, "crds/") {
				switch strings.ToLower(path.Ext(f.Name)) {
				case ".yaml", ".yml", ".json":
					res.CRDs = append(res.CRDs, CRD{Path: ch.FullPath() + "/" + f.Name, Content: f.Data})
				}
			}
		}
	}
	return res, nil
}

func deepCopy(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = deepCopyAny(v)
	}
	return out
}

func deepCopyAny(v any) any {
	switch t := v.(type) {
	case map[string]any:
		return deepCopy(t)
	case []any:
		out := make([]any, len(t))
		for i := range t {
			out[i] = deepCopyAny(t[i])
		}
		return out
	}
	return v
}

func checkKubeVersion(c *chart.Chart, v KubeVersion) error {
	want := c.Metadata().KubeVersion
	if want == "" {
		return nil
	}
	constraint, err := semver.NewConstraint(want)
	if err == nil {
		var version *semver.Version
		version, err = semver.NewVersion(v.String())
		if err == nil && constraint.Check(version) {
			return nil
		}
	}
	return fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", want, v.Version)
}

func (r *Renderer) execute(ctx context.Context, list []source, objects []common.Values, charts []*chart.Chart, res *Result) ([]File, map[string]string, error) {
	set := template.New("gotpl").Option("missingkey=zero")
	set.Funcs(r.funcs(ctx, set, map[string]int{}, res))
	for _, s := range list {
		if _, err := set.New(s.name).Parse(string(s.text)); err != nil {
			return nil, nil, fmt.Errorf("parse error: %w", err)
		}
	}
	rendered := map[string]string{}
	notes := map[string]string{}
	for _, s := range list {
		if s.partial() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		dot := objects[s.owner]
		dot["Template"] = common.Values{"Name": s.name, "BasePath": charts[s.owner].FullPath() + "/templates"}
		var b strings.Builder
		if err := set.ExecuteTemplate(&b, s.name, dot); err != nil {
			return nil, nil, err
		}
		text := strings.ReplaceAll(b.String(), "<no value>", "")
		if strings.HasSuffix(s.name, "NOTES.txt") {
			notes[s.name] = text
		} else {
			rendered[s.name] = text
		}
	}
	var out []File
	for _, name := range sortedKeys(rendered) {
		out = append(out, File{Path: name, Content: rendered[name]})
	}
	return out, notes, nil
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range maps.Keys(m) {
		keys = append(keys, k)
	}
	// sorted below
	for i := range keys {
		for j := i; j > 0 && keys[j] < keys[j-1]; j-- {
			keys[j], keys[j-1] = keys[j-1], keys[j]
		}
	}
	return keys
}

func (r *Renderer) funcs(ctx context.Context, set *template.Template, depth map[string]int, res *Result) template.FuncMap {
	fm := sprig.TxtFuncMap()
	delete(fm, "env")
	delete(fm, "expandenv")
	fm["toYaml"] = func(v any) string {
		data, err := yamlio.Marshal(v)
		if err != nil {
			return ""
		}
		return strings.TrimSuffix(string(data), "\n")
	}
	fm["mustToYaml"] = func(v any) (string, error) {
		data, err := yamlio.Marshal(v)
		return strings.TrimSuffix(string(data), "\n"), err
	}
	fm["toYamlPretty"] = func(v any) string {
		var b bytes.Buffer
		e := yaml.NewEncoder(&b)
		e.SetIndent(2)
		if err := e.Encode(v); err != nil {
			return ""
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
	fm["fromYaml"] = func(s string) map[string]any {
		m := map[string]any{}
		if err := yamlio.Unmarshal([]byte(s), &m); err != nil {
			m["Error"] = err.Error()
		}
		return m
	}
	fm["fromYamlArray"] = func(s string) []any {
		m := []any{}
		if err := yamlio.Unmarshal([]byte(s), &m); err != nil {
			m = []any{err.Error()}
		}
		return m
	}
	fm["toToml"] = func(v any) string {
		var b bytes.Buffer
		if err := toml.NewEncoder(&b).Encode(v); err != nil {
			return err.Error()
		}
		return b.String()
	}
	fm["lookup"] = func(api, kind, ns, name string) (map[string]any, error) {
		if r.cfg.Lookup == nil {
			return map[string]any{}, nil
		}
		return r.cfg.Lookup(ctx, api, kind, ns, name)
	}
	fm["required"] = func(msg string, v any) (any, error) {
		if v == nil || v == "" {
			if r.cfg.Lint {
				res.Warnings = append(res.Warnings, msg)
				return "", nil
			}
			return nil, errors.New(msg)
		}
		return v, nil
	}
	fm["include"] = func(name string, data any) (string, error) {
		if depth[name] > 1000 {
			return "", fmt.Errorf("rendering template has a nested reference name: %s: unable to execute template", name)
		}
		depth[name]++
		defer func() { depth[name]-- }()
		var b strings.Builder
		err := set.ExecuteTemplate(&b, name, data)
		return b.String(), err
	}
	fm["tpl"] = func(text string, data any) (string, error) {
		clone, err := set.Clone()
		if err != nil {
			return "", err
		}
		clone.Funcs(r.funcs(ctx, clone, depth, res))
		t, err := clone.New("gotpl").Parse(text)
		if err != nil {
			return "", fmt.Errorf("cannot parse template %q: %w", text, err)
		}
		var b strings.Builder
		if err := t.Execute(&b, data); err != nil {
			return "", fmt.Errorf("error during tpl function execution for %q: %w", text, err)
		}
		return strings.ReplaceAll(b.String(), "<no value>", ""), nil
	}
	maps.Copy(fm, r.cfg.Funcs)
	return fm
}
