package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// TestCompletionOfOtherNames calls the program by names: what a link to it is
// called is completed too.
func TestCompletionOfOtherNames(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{
		"bash":       "\n__pack_also NAME\n",
		"fish":       "\ncomplete -c NAME -w pack\n",
		"powershell": "\nRegister-ArgumentCompleter -CommandName 'NAME' -ScriptBlock ${__packCompleterBlock}\n",
		"zsh":        "\ncompdef _pack NAME\n",
	}
	for program, name := range map[string]string{
		"pack":                 "",
		"/usr/bin/pack":        "",
		"pack.exe":             "",
		"helm":                 "helm",
		"/usr/local/bin/helm":  "helm",
		"./helm4.exe":          "helm4",
		"/tmp/x; rm -rf $HOME": "",
		"/tmp/$(reboot)":       "",
		"-x":                   "",
		"":                     "",
	} {
		for sh, line := range scripts {
			var out bytes.Buffer
			app := appWith(nil)
			app.Program, app.Out, app.Err = program, &out, &out
			if code := Run(context.Background(), app, []string{"completion", sh}); code != 0 {
				t.Fatalf("%s, %s: %d", program, sh, code)
			}
			if name == "" {
				before, _, _ := strings.Cut(line, "NAME")
				if _, rest, ok := strings.Cut(out.String(), before); ok && !strings.HasPrefix(rest, "pack") && !strings.HasPrefix(rest, "'pack'") {
					t.Errorf("%q, %s: has %q", program, sh, before+rest)
				}
				continue
			}
			if want := strings.ReplaceAll(line, "NAME", name); !strings.Contains(out.String(), want) {
				t.Errorf("%q, %s: lacks %q", program, sh, want)
			}
		}
	}
}

// TestUsageOfOtherNames: what the program was called is what usage texts say.
func TestUsageOfOtherNames(t *testing.T) {
	t.Parallel()
	for program, name := range map[string]string{
		"pack": "pack", "/usr/local/bin/helm": "helm", "./helm4.exe": "helm4", "/tmp/$(reboot)": "pack",
	} {
		for line, want := range map[string]string{
			"search repo": "Error: no repositories configured\n'PROGRAM repo add NAME URL' adds a repository.\n",
			"get all":     "Error: \"PROGRAM get all\" requires 1 argument\n\nUsage:  PROGRAM get all RELEASE_NAME [flags]\n",
			"xyzzy":       "Error: unknown command \"xyzzy\" for \"PROGRAM\"\nRun 'PROGRAM --help' for usage.\n",
			"get --help":  "\nUsage:\n  PROGRAM get [flags]\n",
		} {
			var out bytes.Buffer
			app := appWith(nil)
			app.Program, app.Out, app.Err = program, &out, &out
			Run(context.Background(), app, strings.Fields(line))
			if want = strings.ReplaceAll(want, "PROGRAM", name); !strings.Contains(out.String(), want) {
				t.Errorf("%s %s: %q, want %q", program, line, out.String(), want)
			}
		}
	}
}
