package lint_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/lint"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func TestUnread(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		template, values string
		// want are the paths, those that may have been meant behind a "?".
		want []string
	}{
		"fields":                {"{{ .Values.a.b }}{{ $.Values.c }}", "a: {b: 1}\nc: 2\n", nil},
		"unread":                {"{{ .Values.a.b }}", "a: {b: 1, c: 2}\nd: {e: 1}\n", []string{"a.c", "d"}},
		"nearly":                {"{{ .Values.image.tag }}", "image: {tag: 1, tga: 2}\nimgae: 3\n", []string{"image.tga?image.tag", "imgae?image"}},
		"as a whole":            {"{{ toYaml .Values.a }}{{ range .Values.b }}{{ . }}{{ end }}", "a: {x: 1}\nb: {y: 2}\n", nil},
		"with":                  {"{{ with .Values.a }}{{ .x }}{{ end }}", "a: {x: 1, y: 2}\n", nil},
		"condition":             {"{{ if .Values.a }}{{ .Values.a.x }}{{ end }}", "a: {x: 1, w: 2}\n", []string{"a.w"}},
		"comparison":            {"{{ if and (eq .Values.a 1) (not .Values.b) }}{{ end }}", "a: 1\nb: 1\nc: 1\n", []string{"c"}},
		"variable":              {"{{ $v := .Values.a }}{{ $v.x }}", "a: {x: 1, y: 2}\n", nil},
		"all values":            {"{{ $v := .Values }}{{ $v.x }}", "a: 1\nx: 1\n", nil},
		"values handed on":      {`{{ include "x" (dict "v" .Values) }}`, "a: 1\n", nil},
		"index":                 {`{{ index .Values "a-b" "c" }}`, "a-b: {c: 1, d: 2}\n", nil},
		"index with a dot":      {`{{ index .Values "a.b" }}`, "a.b: 1\nc: 2\n", []string{"c"}},
		"index with a name":     {`{{ index .Values.a .Values.b }}`, "a: {x: 1}\nb: x\n", nil},
		"get":                   {`{{ get .Values.a "x" }}{{ hasKey .Values.a "w" }}`, "a: {x: 1, w: 2, z: 3}\n", []string{"a.z"}},
		"tpl in values":         {"{{ tpl .Values.t . }}", "t: '{{ .Values.u }}'\nu: 1\nw: 1\n", []string{"w"}},
		"parentheses":           {"{{ (.Values.a).b }}", "a: {b: 1, c: 2}\n", []string{"a.c"}},
		"a template that fails": {"{{ .Values.a", "b: 1\n", nil},
		"comments":              {"{{/* .Values.a */}}", "a: 1\n", []string{"a"}},
		"define":                {`{{ define "x" }}{{ .Values.a }}{{ end }}`, "a: 1\nb: 1\n", []string{"b"}},
		"section of a subchart": {"{{ .Values.a }}", "a: 1\nsub: {read: 1, not: 2}\nglobal: {g: 1}\ntags: {t: true}\n", []string{"global.g", "sub.not"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := chart.Load(chartFS(map[string]string{
				"Chart.yaml":                  "apiVersion: v2\nname: c\nversion: 1.0.0\n",
				"templates/a.yaml":            tc.template,
				"charts/sub/Chart.yaml":       "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
				"charts/sub/templates/a.yaml": "{{ .Values.read }}",
			}), chart.LoadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			tree, err := values.Parse([]byte(tc.values))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range lint.Unread(c, tree, tree) {
				text := strings.Join(u.Path, ".")
				if u.Like != "" {
					text += "?" + u.Like
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnreadWithoutDependencies holds that nothing is said where a chart is
// missing that could read the values, or lend templates that do.
func TestUnreadWithoutDependencies(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(chartFS(map[string]string{
		"Chart.yaml":       "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: common, version: 1.0.0}\n",
		"templates/a.yaml": "{{ include \"common.name\" . }}",
	}), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if found := lint.Unread(c, values.Map{"a": 1.0}, nil); found != nil {
		t.Errorf("found %v", found)
	}
}
