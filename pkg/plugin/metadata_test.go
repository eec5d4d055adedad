package plugin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file string
		want plugin.Metadata
	}{
		"legacy command": {
			"name: tidy\nversion: 1.2.3\nusage: \"tidy\\u001b[1m up\\nnow\"\ndescription: |\n  Tidies.\n  Really.\n" +
				"command: $HELM_PLUGIN_DIR/tidy.sh -v\nignoreFlags: true\nuseTunnel: true\nhooks: {install: 'echo $X'}\n",
			plugin.Metadata{
				APIVersion: "legacy", Name: "tidy", Version: "1.2.3", Type: plugin.TypeCLI, Runtime: plugin.RuntimeSubprocess,
				CLI:      plugin.CLI{Usage: "tidy", ShortHelp: "tidy[1m up now", LongHelp: "Tidies.\nReally.\n", IgnoreFlags: true},
				Commands: []plugin.Command{{Command: "$HELM_PLUGIN_DIR/tidy.sh -v"}},
				Hooks:    map[string][]plugin.Command{"install": {{Command: "sh", Args: []string{"-c", "echo $X"}}}},
			},
		},
		"legacy getter": {
			"name: s3\ndownloaders:\n- {command: bin/get -x, protocols: [s3, s3s]}\n- {command: bin/gs, protocols: [gs]}\n",
			plugin.Metadata{
				APIVersion: "legacy", Name: "s3", Type: plugin.TypeGetter, Runtime: plugin.RuntimeSubprocess,
				Protocols: []string{"s3", "s3s", "gs"},
				ProtocolCommands: []plugin.ProtocolCommand{
					{Protocols: []string{"s3", "s3s"}, Commands: []plugin.Command{{Command: "bin/get -x"}}},
					{Protocols: []string{"gs"}, Commands: []plugin.Command{{Command: "bin/gs"}}},
				},
			},
		},
		"legacy getter with a command": {
			"name: s3\nusage: u\ncommand: c\ndownloaders: [{command: d, protocols: [s3]}]\n",
			plugin.Metadata{
				APIVersion: "legacy", Name: "s3", Type: plugin.TypeGetter, Runtime: plugin.RuntimeSubprocess,
				CLI: plugin.CLI{Usage: "s3", ShortHelp: "u"}, Protocols: []string{"s3"}, Commands: []plugin.Command{{Command: "c"}},
				ProtocolCommands: []plugin.ProtocolCommand{{Protocols: []string{"s3"}, Commands: []plugin.Command{{Command: "d"}}}},
			},
		},
		"legacy with all twice, as Helm 3 takes it": {
			"name: x\nversion: v1.2\ncommand: a\nplatformCommand: [{command: b}]\n" +
				"hooks: {install: c, update: d}\nplatformHooks: {install: [{command: e}], delete: []}\n",
			plugin.Metadata{
				APIVersion: "legacy", Name: "x", Version: "v1.2", Type: plugin.TypeCLI, Runtime: plugin.RuntimeSubprocess,
				CLI:      plugin.CLI{Usage: "x"},
				Commands: []plugin.Command{{Command: "b"}},
				Hooks: map[string][]plugin.Command{
					"install": {{Command: "e"}}, "update": {{Command: "sh", Args: []string{"-c", "d"}}},
				},
			},
		},
		"numbers as texts": {
			"name: n\nplatformCommand:\n- {os: linux, arch: 386, command: x, args: [0644, yes, 1.10, on]}\n",
			plugin.Metadata{
				APIVersion: "legacy", Name: "n", Type: plugin.TypeCLI, Runtime: plugin.RuntimeSubprocess,
				CLI:      plugin.CLI{Usage: "n"},
				Commands: []plugin.Command{{OS: "linux", Arch: "386", Command: "x", Args: []string{"0644", "yes", "1.10", "on"}}},
			},
		},
		"v1 command": {
			"apiVersion: v1\nname: a_b-C\ntype: cli/v1\nruntime: subprocess\nversion: 0.1.0-rc.1+x\nsourceURL: https://h/x\n" +
				"config: {usage: 'go [X]', shortHelp: s, longHelp: l, ignoreFlags: false}\n" +
				"runtimeConfig: {unknown: 1, platformCommand: [{command: c, args: [a]}], platformHooks: {update: [{command: u}]}}\n",
			plugin.Metadata{
				APIVersion: "v1", Name: "a_b-C", Version: "0.1.0-rc.1+x", Type: plugin.TypeCLI, Runtime: plugin.RuntimeSubprocess,
				SourceURL: "https://h/x", CLI: plugin.CLI{Usage: "go [X]", ShortHelp: "s", LongHelp: "l"},
				Commands: []plugin.Command{{Command: "c", Args: []string{"a"}}},
				Hooks:    map[string][]plugin.Command{"update": {{Command: "u"}}},
			},
		},
		"v1 post-renderer": {
			"apiVersion: v1\nname: p\ntype: postrenderer/v1\nruntime: subprocess\nversion: 1.0.0\n",
			plugin.Metadata{APIVersion: "v1", Name: "p", Version: "1.0.0", Type: plugin.TypePostRenderer, Runtime: plugin.RuntimeSubprocess},
		},
		"v1 for WebAssembly": {
			"apiVersion: v1\nname: w\ntype: getter/v1\nruntime: extism/v1\nversion: 1.0.0\nconfig: {protocols: [w]}\nruntimeConfig: {memory: {maxPages: 4}}\n",
			plugin.Metadata{APIVersion: "v1", Name: "w", Version: "1.0.0", Type: plugin.TypeGetter, Runtime: plugin.RuntimeExtism, Protocols: []string{"w"}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := plugin.Parse([]byte(tc.file))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, *got, cmpopts.IgnoreUnexported(plugin.Metadata{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const v1 = "apiVersion: v1\nname: x\ntype: cli/v1\nruntime: subprocess\nversion: 1.0.0\n"
	tests := map[string]struct{ file, want string }{
		"nothing":               {"", "failed to peek plugin.yaml API version: EOF"},
		"a bomb":                {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\nname: x\nhooks: {install: *f}\n", "cannot unmarshal"},
		"depth":                 {strings.Repeat("[", 100_000), "input is too large"},
		"a key many times":      {strings.Repeat("a: 1\n", 10_001), "input is too large"},
		"no YAML":               {"name: [", "failed to peek plugin.yaml API version"},
		"another generation":    {"apiVersion: v2\nname: x\n", `invalid plugin apiVersion: "v2"`},
		"name leads out":        {"name: ../x\n", `invalid plugin name "../x": must contain only a-z, A-Z, 0-9, _ and -`},
		"legacy version":        {"name: x\nversion: next\n", `invalid plugin version "next": must be valid semver`},
		"downloader without":    {"name: x\ndownloaders: [{protocols: [a]}]\n", "downloader 0 has empty command"},
		"downloader of nothing": {"name: x\ndownloaders: [{command: a}]\n", "downloader 0 has no protocols"},
		"empty protocol":        {"name: x\ndownloaders: [{command: a, protocols: [b, '']}]\n", "downloader 0 has empty protocol at index 1"},
		"v1 name":               {strings.Replace(v1, "name: x", "name: x y", 1), "invalid plugin `name`"},
		"v1 without version":    {strings.Replace(v1, "version: 1.0.0", "", 1), "plugin `version` is required"},
		"v1 loose version":      {strings.Replace(v1, "1.0.0", "'1.0'", 1), "invalid plugin `version` \"1.0\": must be valid semver"},
		"v1 without type":       {strings.Replace(v1, "type: cli/v1", "", 1), "`type` missing"},
		"v1 without runtime":    {strings.Replace(v1, "runtime: subprocess", "", 1), "`runtime` missing"},
		"v1 unknown type":       {strings.Replace(v1, "cli/v1", "cli/v9", 1), `unknown plugin type "cli/v9"`},
		"v1 unknown runtime":    {strings.Replace(v1, "subprocess", "jvm", 1), `unsupported plugin runtime type: "jvm"`},
		"v1 unknown key":        {v1 + "command: x\n", "field command not found"},
		"v1 key twice":          {v1 + "name: y\n", `mapping key "name" already defined`},
		"v1 unknown config":     {v1 + "config: {ignoreFlag: true}\n", "field ignoreFlag not found"},
		"v1 config of another":  {strings.Replace(v1, "cli/v1", "postrenderer/v1", 1) + "config: {usage: x}\n", "field usage not found"},
		"v1 getter of nothing":  {strings.Replace(v1, "cli/v1", "getter/v1", 1), "getter has no protocols"},
		"v1 empty protocol":     {strings.Replace(v1, "cli/v1", "getter/v1", 1) + "config: {protocols: ['']}\n", "getter has empty protocol at index 0"},
		"v1 runtimeConfig":      {v1 + "runtimeConfig: {platformCommand: {}}\n", "failed to unmarshal runtimeConfig for subprocess runtime"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := plugin.Parse([]byte(tc.file))
			if !strings.Contains(text(err), tc.want) || err == nil {
				t.Errorf("got %v, error %v; want %q", got, err, tc.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name: x\ncommand: y\n"))
	f.Add([]byte("apiVersion: v1\nname: x\ntype: getter/v1\nruntime: subprocess\nversion: 1.0.0\nconfig: {protocols: [a]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := plugin.Parse(data)
		if err != nil {
			return
		}
		if strings.ContainsAny(m.ArchiveName(), "/\\:\x00") || m.Name == "" {
			t.Errorf("the name %q and the version %q are no part of a path", m.Name, m.Version)
		}
		if strings.ContainsRune(m.CLI.Usage+m.CLI.ShortHelp+m.CLI.LongHelp+m.SourceURL, '\x1b') {
			t.Error("a text acts on the terminal")
		}
	})
}
