package lint_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/lint"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// good is a chart without findings.
func good() map[string]string {
	return map[string]string{
		"Chart.yaml":           "apiVersion: v2\nname: web\nversion: 0.1.0\nicon: https://example.com/icon.svg\n",
		"templates/_reads.tpl": "{{- define \"reads\" }}{{ .Values.port }}{{ end }}",
		"values.yaml":          "port: 80\n",
		"templates/.keep.tpl":  "",
	}
}

// with is good with other files; an empty content removes one.
func with(files map[string]string) map[string]string {
	out := good()
	for name, content := range files {
		out[name] = content
		if content == "" {
			delete(out, name)
		}
	}
	return out
}

func chartFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		mode := fs.FileMode(0o644)
		if strings.HasSuffix(name, "/") {
			name, mode = strings.TrimSuffix(name, "/"), fs.ModeDir|0o755
		}
		fsys[name] = &fstest.MapFile{Data: []byte(content), Mode: mode}
	}
	return fsys
}

func lines(findings []lint.Finding) []string {
	var out []string
	for _, f := range findings {
		if !f.Extra { // those have tests of their own
			out = append(out, f.String())
		}
	}
	return out
}

type lintCase struct {
	name  string
	files map[string]string
	opts  lint.Options
	want  []string
}

func run(t *testing.T, cases []lintCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := lint.Run(t.Context(), chartFS(tc.files), tc.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, lines(got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v2\nname: web\nversion: 0.1.0\nicon: https://example.com/icon.svg\n"
	meta := func(text string) map[string]string { return with(map[string]string{"Chart.yaml": text}) }
	unloadable := func(text string) []string {
		return []string{
			"[ERROR] templates/: " + text,
			"[ERROR] : unable to load chart\n\t" + text,
		}
	}
	run(t, []lintCase{
		{name: "nothing to say", files: good()},
		{name: "for a Kubernetes of another age", files: meta(head + "kubeVersion: '>=99'\n")},
		{name: "everything missing", files: meta("{}"), want: append([]string{
			"[ERROR] Chart.yaml: name is required",
			`[ERROR] Chart.yaml: apiVersion is required. The value must be either "v1" or "v2"`,
			"[ERROR] Chart.yaml: version is required",
			"[INFO] Chart.yaml: icon is recommended",
			"[WARNING] Chart.yaml: version '' is not a valid SemVerV2",
		}, unloadable("validation: chart.metadata.name is required")...)},
		{name: "no YAML", files: meta("name: [web"), want: append([]string{
			"[ERROR] Chart.yaml: unable to parse YAML\n\terror converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'",
		}, unloadable("cannot load Chart.yaml: error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'")...)},
		{name: "unknown field", files: meta(head + "colour: blue\n"), want: []string{
			"[WARNING] Chart.yaml: failed to strictly parse chart metadata file\n\terror unmarshaling JSON: while decoding JSON: json: unknown field \"colour\"",
		}},
		{name: "repeated field", files: meta(head + "name: web\n"), want: []string{
			"[WARNING] Chart.yaml: failed to strictly parse chart metadata file\n\terror converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key \"name\" already set in map",
		}},
		{name: "versions that are numbers", files: meta("apiVersion: v2\nname: web\nversion: 1.0\nappVersion: 1.10\nicon: https://example.com\n"), want: []string{
			"[ERROR] Chart.yaml: version should be of type string but it's of type float64",
			"[ERROR] Chart.yaml: appVersion should be of type string but it's of type float64",
			"[WARNING] Chart.yaml: version '1' is not a valid SemVerV2",
		}},
		{name: "version zero", files: meta("apiVersion: v2\nname: web\nversion: 0.0.0-0\nicon: https://example.com\n"), want: []string{
			`[ERROR] Chart.yaml: version "0.0.0-0" is less than or equal to "0.0.0-0"`,
		}},
		{name: "version that is none", files: meta("apiVersion: v2\nname: web\nversion: one\nicon: https://example.com\n"), want: append([]string{
			"[ERROR] Chart.yaml: version 'one' is not a valid SemVer",
			"[WARNING] Chart.yaml: version 'one' is not a valid SemVerV2",
		}, unloadable(`validation: chart.metadata.version "one" is invalid`)...)},
		{name: "fields of v2 in v1", files: meta("apiVersion: v1\nname: web\nversion: 0.1.0\nicon: https://example.com\ntype: application\ndependencies: [{name: db, version: '1'}]\n"), want: []string{
			"[ERROR] Chart.yaml: chart type is not valid in apiVersion 'v1'. It is valid in apiVersion 'v2'",
			"[ERROR] Chart.yaml: dependencies are not valid in the Chart file with apiVersion 'v1'. They are valid in apiVersion 'v2'",
			"[WARNING] .: chart directory is missing these dependencies: db",
		}},
		{name: "maintainer without name", files: meta(head + "maintainers: [{email: a@example.com}]\n"), want: []string{
			"[ERROR] Chart.yaml: each maintainer requires a name",
		}},
		{name: "sources and icon", files: meta("apiVersion: v2\nname: web\nversion: 0.1.0\nicon: icon.svg\nsources: ['https://example.com', example.com]\n"), want: []string{
			"[ERROR] Chart.yaml: invalid source URL 'example.com'",
			"[ERROR] Chart.yaml: invalid icon URL 'icon.svg'",
		}},
		{name: "a folder", files: with(map[string]string{"Chart.yaml": "", "Chart.yaml/x": "x"}), want: []string{
			"[ERROR] Chart.yaml: should be a file, not a directory",
			"[ERROR] Chart.yaml: unable to parse YAML\n\tread Chart.yaml: invalid argument",
			"[ERROR] templates/: Chart.yaml file is missing",
			"[ERROR] : unable to load chart\n\tChart.yaml file is missing",
		}},
	})
}

func TestMaintainerAddresses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		field, address string
		ok             bool
	}{
		{"email", "a@example.com", true},
		{"email", "a.b+c@d-e.fg", true},
		{"email", "ü@bücher.de", true},
		{"email", "a@b_c.de", true},
		{"email", "nobody", false},
		{"email", "a@b", false},
		{"email", "a@b.c1", false},
		{"email", "a@b..de", false},
		{"email", "a..b@c.de", false},
		{"email", ".a@b.de", false},
		{"email", "a@b@c.de", false},
		{"email", "A <a@b.de>", false},
		{"email", "a@1.2.3.4", false},
		{"url", "https://example.com/me", true},
		{"url", "example.com", true},
		{"url", "www.example.com/me", true},
		{"url", "http://localhost:80/", true},
		{"url", "mailto:a@b.de", true},
		{"url", "10.0.0.1", true},
		{"url", "http://[::1]/", true},
		{"url", "localhost", false},
		{"url", "nobody", false},
		{"url", "http:///me", false},
		{"url", "//example.com", false},
		{"url", "/me", false},
		{"url", "http://a b", false},
		{"url", "http://-a.de", false},
		{"url", "git@example.com:a/b", false},
		{"url", "javascript:alert(1)", false},
	} {
		t.Run(tc.field+" "+tc.address, func(t *testing.T) {
			t.Parallel()
			got, err := lint.Run(t.Context(), chartFS(with(map[string]string{
				"Chart.yaml": fmt.Sprintf("%smaintainers: [{name: m, %s: '%s'}]\n", good()["Chart.yaml"], tc.field, tc.address),
			})), lint.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if !tc.ok {
				want = []string{fmt.Sprintf("[ERROR] Chart.yaml: invalid %s '%s' for maintainer 'm'", tc.field, tc.address)}
			}
			if diff := cmp.Diff(want, lines(got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	const schema = `{"type": "object", "properties": {"port": {"type": "integer"}}}`
	strict := with(map[string]string{"values.yaml": "port: none\n", "values.schema.json": schema})
	run(t, []lintCase{
		{name: "missing", files: with(map[string]string{"values.yaml": ""}), want: []string{
			"[INFO] values.yaml: file does not exist",
		}},
		{name: "no YAML", files: with(map[string]string{"values.yaml": "port: ["}), want: []string{
			"[ERROR] values.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content",
			"[ERROR] templates/: cannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: did not find expected node content",
			"[ERROR] : unable to load chart\n\tcannot load values.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: did not find expected node content",
		}},
		{name: "against the schema", files: strict, want: []string{
			"[ERROR] values.yaml: - at '/port': got string, want integer\n",
			"[ERROR] templates/: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '/port': got string, want integer\n",
		}},
		{name: "the user's values count", files: strict, opts: lint.Options{Values: values.Map{"port": 80.0}}},
		{name: "schema skipped", files: strict, opts: lint.Options{SkipSchema: true}},
		{name: "bad schema", files: with(map[string]string{"values.schema.json": `{"type":`}), want: []string{
			"[ERROR] values.yaml: unexpected EOF",
			"[ERROR] templates/: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\nunexpected EOF",
		}},
	})
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	template := func(text string) map[string]string { return with(map[string]string{"templates/a.yaml": text}) }
	const unnamed = `object name does not conform to Kubernetes naming requirements: "": metadata.name: Invalid value: "": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`
	run(t, []lintCase{
		{name: "no folder", files: with(map[string]string{"templates/.keep.tpl": "", "templates/_reads.tpl": ""}), want: []string{
			"[WARNING] templates/: directory does not exist",
		}},
		{name: "a file", files: with(map[string]string{"templates/.keep.tpl": "", "templates": "x"}), want: []string{
			"[ERROR] templates/: not a directory",
		}},
		{name: "extensions", files: with(map[string]string{"templates/a.json": "{}", "templates/b": "x", "templates/c.txt": "x", "templates/d.tpl": "x"}), want: []string{
			"[ERROR] templates/a.json: file extension '.json' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt",
			"[ERROR] templates/b: file extension '' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt",
		}},
		{name: "blank", files: template("{{/* nothing */}}\n\n")},
		{name: "indented", files: template("\n  kind: A\n  metadata: {name: a}\n"), want: []string{
			`[WARNING] templates/a.yaml: document starts with an illegal indent: "  kind: A", which may cause parsing problems`,
		}},
		{name: "no name", files: template("kind: A\n"), want: []string{"[WARNING] templates/a.yaml: " + unnamed}},
		{name: "no YAML in one document of many", files: template("kind: A\nmetadata: {name: a}\n---\n\nb: [\n---\nkind: C\n"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 2: did not find expected node content",
			"[WARNING] templates/a.yaml: " + unnamed,
		}},
		{name: "JSON", files: template("{\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n{\"kind\":\"B\"}\n{\"kind\":\"C\",\"metadata\":{\"name\":\"c\"}}\n"), want: []string{
			"[WARNING] templates/a.yaml: " + unnamed,
		}},
		{name: "JSON, then YAML", files: template("{\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n---\nkind: B\n---\nb: [\n"), want: []string{
			"[WARNING] templates/a.yaml: " + unnamed,
			"[ERROR] templates/a.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content",
		}},
		{name: "JSON, then nothing that can be read", files: template("{\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n---\n{"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: json: offset 39: invalid character '-' in numeric literal",
		}},
		{name: "YAML with a brace", files: template("{kind: A, metadata: {name: a}}\n")},
		{name: "a type in JSON", files: template("{\"kind\":{}}"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: json: cannot unmarshal object into Go struct field k8sYamlStruct.Kind of type string",
		}},
		{name: "a type in YAML", files: template("kind: {}"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal object into Go struct field k8sYamlStruct.Kind of type string",
		}},
		{name: "a text and a list", files: template("text\n---\n- a\n"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type rules.k8sYamlStruct",
			"[ERROR] templates/a.yaml: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type rules.k8sYamlStruct",
		}},
		{name: "neither JSON nor YAML", files: template("{ {- .Values.a -}}"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: json: offset 3: invalid character '{' looking for beginning of object key string",
		}},
		{name: "text after JSON", files: template("{\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}} x: ]"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: json: offset 38: invalid character 'x' looking for beginning of value",
		}},
		{name: "YAML after two objects", files: template("{\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n{\"kind\":\"A\",\"metadata\":{\"name\":\"b\"}}\n---\nkind: B\n"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: invalid character '-' in numeric literal",
		}},
		{name: "JSON that is cut off", files: template("{\"kind\":"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: unexpected EOF",
		}},
		{name: "lines count from the separator that nothing comes before", files: template("---\nkind: A\nmetadata: {name: a}\nb: c: d\n---\nb: c: d\n---\n---\nb: c: d\n"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 4: mapping values are not allowed in this context",
			"[ERROR] templates/a.yaml: unable to parse YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
			"[ERROR] templates/a.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 2: mapping values are not allowed in this context",
		}},
		{name: "an unknown apiVersion", files: with(map[string]string{
			"Chart.yaml": "apiVersion: v9\nname: c\nversion: 1.0.0\nicon: https://example.com/i.png\n", "templates/a.yaml": "a: b: c\n",
		}), want: []string{
			"[ERROR] Chart.yaml: apiVersion 'v9' is not valid. The value must be either \"v1\" or \"v2\"",
			"[ERROR] templates/a.yaml: unable to parse YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
		}},
		{name: "text behind a separator", files: template("kind: A\n---\nkind: B\n---kind: C\n"), want: []string{
			"[WARNING] templates/a.yaml: " + unnamed,
			"[ERROR] templates/a.yaml: unable to parse YAML: invalid Yaml document separator: kind: C",
		}},
		{name: "comments and blank documents", files: template("---\n# a comment\n---\n---\nkind: A\nmetadata: {name: a}\n")},
		{name: "no selector", files: template("kind: Deployment\nmetadata: {name: a}\n"), want: []string{
			`[ERROR] templates/a.yaml: a Deployment must contain matchLabels or matchExpressions, and "a" does not`,
		}},
		{name: "policy in a list", files: template("kind: List\nmetadata: {name: a}\nitems:\n- metadata: {annotations: {helm.sh/resource-policy: keep}}\n"), want: []string{
			"[ERROR] templates/a.yaml: annotation 'helm.sh/resource-policy' within List objects are ignored",
		}},
		{name: "a list that is none", files: template("kind: List\nmetadata: {name: a}\nitems: 5\n"), want: []string{
			"[ERROR] templates/a.yaml: unable to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go struct field .Items of type []struct { Metadata struct { Annotations map[string]string } }",
		}},
		{name: "what templates see", files: template("kind: A\nmetadata:\n  name: {{ .Release.Name }}-{{ .Release.Namespace }}-{{ .Release.Revision }}-{{ .Release.IsInstall }}-{{ .Capabilities.KubeVersion.Minor }}-{{ .Values.port }}_\n"),
			opts: lint.Options{Namespace: "team", KubeVersion: render.KubeVersion{Version: "v1.30.0", Major: "1", Minor: "30"}, Values: values.Map{"port": 81}},
			want: []string{"[WARNING] templates/a.yaml: " + strings.ReplaceAll(unnamed, `""`, `"test-release-team-0-false-30-81_"`)}},
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 300)
	for _, tc := range []struct {
		kind, name string
		// want are starts of what is wrong.
		want []string
	}{
		{kind: "ConfigMap", name: "a.b-c1"},
		{kind: "ConfigMap", name: "A", want: []string{"a lowercase RFC 1123 subdomain must"}},
		{kind: "ConfigMap", name: long, want: []string{"must be no more than 253 characters"}},
		{kind: "ConfigMap", name: long + "_", want: []string{"must be no more than 253 characters", "a lowercase RFC 1123 subdomain must"}},
		{kind: "Namespace", name: "1a"},
		{kind: "Namespace", name: "a.b", want: []string{"must not contain dots"}},
		{kind: "Namespace", name: "A", want: []string{"a lowercase RFC 1123 label must"}},
		{kind: "Namespace", name: long, want: []string{"must be no more than 63 characters"}},
		{kind: "Service", name: "a1"},
		{kind: "service", name: "1a", want: []string{"a DNS-1035 label must"}},
		{kind: "Service", name: "a.b", want: []string{"a DNS-1035 label must"}},
		{kind: "ClusterRole", name: "system:Auth_x"},
		{kind: "RoleBinding", name: "a/%", want: []string{"may not contain '/'", "may not contain '%'"}},
		{kind: "Role", name: "..", want: []string{"may not be '..'"}},
		{kind: "CertificateSigningRequest", name: "Any thing"},
	} {
		t.Run(tc.kind+" "+tc.name[:min(len(tc.name), 10)], func(t *testing.T) {
			t.Parallel()
			got, err := lint.Run(t.Context(), chartFS(with(map[string]string{
				"templates/a.yaml": fmt.Sprintf("kind: %s\nmetadata: {name: %q}\n", tc.kind, tc.name),
			})), lint.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(tc.want) == 0 {
				if len(got) > 0 {
					t.Errorf("got %v", got)
				}
				return
			}
			if len(got) != 1 || got[0].Severity != lint.Warning {
				t.Fatalf("got %v, want one warning", got)
			}
			for _, w := range tc.want {
				if !strings.Contains(got[0].Message, fmt.Sprintf("metadata.name: Invalid value: %q: %s", tc.name, w)) {
					t.Errorf("got %q, want %q in it", got[0].Message, w)
				}
			}
		})
	}
}

func TestDeprecation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ api, kind, kube, want string }{
		{"extensions/v1beta1", "Ingress", "", "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress"},
		{"extensions/v1beta1", "Ingress", "1.13", ""},
		{"extensions/v1beta1", "Ingress", "1.14", "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress"},
		{"extensions/v1beta1", "Ingress", "2.0", "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress"},
		{"v1", "Endpoints", "", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"},
		{"v1", "ComponentStatus", "", "v1 ComponentStatus is deprecated in v1.19+"},
		{"networking.k8s.io/v1", "Ingress", "", ""},
		{"extensions/v1beta1", "Ingres", "", ""},
	} {
		t.Run(tc.api+" "+tc.kind+" "+tc.kube, func(t *testing.T) {
			t.Parallel()
			var opts lint.Options
			if tc.kube != "" {
				var err error
				if opts.KubeVersion, err = render.ParseKubeVersion(tc.kube); err != nil {
					t.Fatal(err)
				}
			}
			got, err := lint.Run(t.Context(), chartFS(with(map[string]string{
				"templates/a.yaml": fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: a}\n", tc.api, tc.kind),
			})), opts)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			if tc.want != "" {
				want = []string{"[WARNING] templates/a.yaml: " + tc.want}
			}
			if diff := cmp.Diff(want, lines(got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDependenciesAndCRDs(t *testing.T) {
	t.Parallel()
	run(t, []lintCase{
		{
			name: "declared and loaded differ",
			files: with(map[string]string{
				"Chart.yaml":           good()["Chart.yaml"] + "dependencies: [{name: b, version: '1'}, {name: a, version: '1'}, {name: db, version: '1'}]\n",
				"charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
				"charts/z/Chart.yaml":  "apiVersion: v2\nname: z\nversion: 1.0.0\n",
				"charts/x/Chart.yaml":  "apiVersion: v2\nname: x\nversion: 1.0.0\n",
			}),
			want: []string{
				"[ERROR] .: chart metadata is missing these dependencies: x,z",
				"[WARNING] .: chart directory is missing these dependencies: b,a",
			},
		},
		{
			name: "definitions",
			files: with(map[string]string{
				"crds/README.md": "no definition",
				"crds/a.yaml":    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n---\n# nothing\n---\nkind: ConfigMap\n",
				"crds/b.yaml":    "b: [",
			}),
			want: []string{
				"[ERROR] crds/a.yaml: apiVersion is not in 'apiextensions.k8s.io'",
				"[ERROR] crds/a.yaml: object kind is not 'CustomResourceDefinition'",
				"[ERROR] crds/b.yaml: unable to parse YAML: error converting YAML to JSON: yaml: line 1: did not find expected node content",
			},
		},
		{name: "crds is a file", files: with(map[string]string{"crds": "x"}), want: []string{"[ERROR] crds/: not a directory"}},
	})
}

func TestNotices(t *testing.T) {
	t.Parallel()
	var notices []string
	got, err := lint.Run(t.Context(), chartFS(with(map[string]string{
		"templates/a.yaml": `kind: A{{ required "give a host" .Values.host }}` + "\nmetadata: {name: a}\n",
	})), lint.Options{Notice: func(text string) { notices = append(notices, text) }})
	if err != nil || len(lines(got)) > 0 {
		t.Fatalf("got %v, %v", got, err)
	}
	if len(notices) != 1 || !strings.Contains(notices[0], "give a host") {
		t.Errorf("notices: %q", notices)
	}
}

func TestNoChart(t *testing.T) {
	t.Parallel()
	if _, err := lint.Run(t.Context(), fstest.MapFS{}, lint.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lint.Run(ctx, chartFS(good()), lint.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestRunArchive(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(chartFS(with(map[string]string{"templates/a.yaml": "kind: StatefulSet\nmetadata: {name: a}\n"})), chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := c.WriteArchive(&archive, chart.ArchiveOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := lint.RunArchive(t.Context(), &archive, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`[ERROR] templates/a.yaml: a StatefulSet must contain matchLabels or matchExpressions, and "a" does not`}
	if diff := cmp.Diff(want, lines(got)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if _, err := lint.RunArchive(t.Context(), strings.NewReader("text"), lint.Options{}); err == nil || !strings.HasPrefix(err.Error(), "unable to extract tarball: ") {
		t.Errorf("got %v", err)
	}
}

// TestManyDocuments holds that there is an end to what is examined of one file.
func TestManyDocuments(t *testing.T) {
	t.Parallel()
	got, err := lint.Run(t.Context(), chartFS(with(map[string]string{
		"templates/a.yaml": "{{ range 100001 }}\n---\nkind: ConfigMap\nmetadata: {name: a}\n{{ end }}",
	})), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := "unable to parse YAML: more than 100000 documents: the rest is not examined"
	found := false
	for _, f := range got {
		found = found || f.Message == want && f.Severity == lint.Error
	}
	if !found {
		t.Errorf("no finding %q among %d", want, len(got))
	}
}
