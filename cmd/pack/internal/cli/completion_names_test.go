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
