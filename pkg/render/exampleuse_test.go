package render_test

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
	"text/template"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

//go:embed testdata/embedded
var embedded embed.FS

// show renders a chart with its defaults and prints the result.
func show(fsys fs.FS, cfg render.Config, in render.Input) error {
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		return err
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		return err
	}
	r, err := render.New(cfg)
	if err != nil {
		return err
	}
	in.Release = render.Release{Name: "demo", Namespace: "shop", Revision: 1, IsInstall: true}
	result, err := r.Render(context.Background(), configured, in)
	if err != nil {
		return err
	}
	fmt.Print(result.Text(render.OutputOptions{}))
	return nil
}

// A program carries its chart with it.
func ExampleNew_embedded() {
	fsys, err := fs.Sub(embedded, "testdata/embedded")
	if err == nil {
		err = show(fsys, render.Config{}, render.Input{})
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ---
	// # Source: embedded/templates/map.yaml
	// apiVersion: v1
	// kind: ConfigMap
	// metadata:
	//   name: demo
	// data:
	//   greeting: hello
}

// Templates get a function of the program's own.
func ExampleConfig_funcs() {
	fsys := fstest.MapFS{
		"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte("kind: A\nshout: {{ shout \"hello\" }}\n")},
	}
	cfg := render.Config{Funcs: template.FuncMap{"shout": func(s string) string { return strings.ToUpper(s) + "!" }}}
	if err := show(fsys, cfg, render.Input{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ---
	// # Source: web/templates/a.yaml
	// kind: A
	// shout: HELLO!
}

// What templates look up in a cluster comes from files.
func ExampleLookupFunc() {
	objects := fstest.MapFS{"v1/Secret/shop/token.yaml": {Data: []byte("data: {token: c2VjcmV0}\n")}}
	lookup := func(_ context.Context, apiVersion, kind, namespace, name string) (map[string]any, error) {
		text, err := fs.ReadFile(objects, apiVersion+"/"+kind+"/"+namespace+"/"+name+".yaml")
		if errors.Is(err, fs.ErrNotExist) {
			return map[string]any{}, nil
		}
		if err != nil {
			return nil, err
		}
		return values.Parse(text)
	}
	fsys := fstest.MapFS{
		"Chart.yaml": {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte("kind: A\n" +
			"token: {{ (lookup \"v1\" \"Secret\" .Release.Namespace \"token\").data.token | b64dec }}\n" +
			"other: {{ empty (lookup \"v1\" \"Secret\" .Release.Namespace \"other\") }}\n")},
	}
	if err := show(fsys, render.Config{Lookup: lookup}, render.Input{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ---
	// # Source: web/templates/a.yaml
	// kind: A
	// token: secret
	// other: true
}

// The images that a chart runs are read from what it renders to.
func ExampleResult_images() {
	fsys := fstest.MapFS{
		"Chart.yaml": {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte("kind: Pod\nmetadata: {name: a}\nspec:\n  initContainers:\n  - image: busybox:1\n" +
			"  containers:\n  - image: nginx:{{ .Values.tag | default \"2\" }}\n")},
	}
	c, err := chart.Load(fsys, chart.LoadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := r.Render(context.Background(), configured, render.Input{Release: render.Release{Name: "demo"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range result.Manifests {
		var object struct {
			Spec struct{ InitContainers, Containers []struct{ Image string } }
		}
		if err := yamlio.Unmarshal([]byte(m.Content), &object); err != nil {
			fmt.Println(err)
			return
		}
		for _, container := range append(object.Spec.InitContainers, object.Spec.Containers...) {
			fmt.Println(m.Ref, container.Image)
		}
	}
	// Output:
	// Pod/a busybox:1
	// Pod/a nginx:2
}

// Something changes the objects after they were rendered.
func ExamplePostRenderer() {
	labeler := render.PostRenderer{Name: "labeler", Run: func(_ context.Context, in []byte) ([]byte, error) {
		return bytes.ReplaceAll(in, []byte("team: none"), []byte("team: shop")), nil
	}}
	fsys := fstest.MapFS{
		"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"templates/a.yaml": {Data: []byte("kind: A\nmetadata:\n  name: a\n  labels:\n    team: none\n")},
	}
	in := render.Input{PostRender: func(ctx context.Context, files []render.File) ([]render.File, error) {
		return labeler.Files(ctx, render.PostCombined, files)
	}}
	if err := show(fsys, render.Config{}, in); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ---
	// # Source: web/templates/a.yaml
	// kind: A
	// metadata:
	//   name: a
	//   labels:
	//     team: shop
}

// An error tells which line is to be changed, and what may have been meant.
func ExampleDiagnosedError() {
	fsys := fstest.MapFS{
		"Chart.yaml":             {Data: []byte("apiVersion: v2\nname: web\nversion: 1.0.0\n")},
		"values.yaml":            {Data: []byte("image:\n  tag: \"1\"\n")},
		"templates/_helpers.tpl": {Data: []byte("{{- define \"image\" -}}\nnginx:{{ .Values.imgae.tag }}\n{{- end }}\n")},
		"templates/a.yaml":       {Data: []byte("kind: A\nimage: {{ include \"image\" . }}\n")},
	}
	err := show(fsys, render.Config{}, render.Input{})
	d, ok := errors.AsType[*render.DiagnosedError](err)
	if !ok {
		fmt.Println(err)
		return
	}
	fmt.Println("change", d.Where)
	for _, l := range d.Chain {
		fmt.Println("called from", l)
	}
	fmt.Println(d.Hints[0].Text)
	// Output:
	// change templates/_helpers.tpl:2:17
	// called from templates/a.yaml:2:11
	// imgae is not set; did you mean `image.tag`?
}

// The parsed templates can be looked at: here, for which ones a chart defines.
func ExampleRenderer_Trees() {
	c, err := exampleChart(`{{ define "web.name" }}web{{ end }}name: {{ include "web.name" . }}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	trees, err := r.Trees(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range trees {
		fmt.Println(t.Name)
	}
	// Output:
	// web/templates/web.yaml
	// web.name
}

// Charts of strangers are rendered within bounds. The error says which one was
// hit, and where.
func ExampleConfig_bounds() {
	c, err := exampleChart("kind: ConfigMap\ndata: {{ range 1000000000 }}0123456789{{ end }}\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := render.New(render.Config{Timeout: 10 * time.Second, MaxBytes: 1 << 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	configured, err := c.Configure(nil, chart.ConfigureOptions{MaxValues: 1000})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = r.Render(context.Background(), configured, render.Input{})
	fmt.Println(errors.Is(err, render.ErrTooLarge), errors.Is(err, render.ErrTimeout))
	if failure, ok := errors.AsType[*render.Error](err); ok {
		fmt.Printf("%s:%d: %s\n", failure.Template, failure.Line, failure.Message)
	}
	// Output:
	// true false
	// web/templates/web.yaml:2: the template's output is too large: more than 1048576 bytes
}
