package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEnvironmentIsDocumented holds the help text against what the package reads.
func TestEnvironmentIsDocumented(t *testing.T) {
	t.Parallel()
	// These are not settings of pack, or are described in a sentence.
	others := map[string]bool{
		"GOGC": true, "HELM_": true, "HELM_PLUGIN_NAME": true, "KUBERNETES_SERVICE_HOST": true, "KUBERNETES_SERVICE_PORT": true,
		"PACK_": true, "TERM": true, "USER": true, "XDG_": true,
	}
	read := regexp.MustCompile(`\.Env\("([A-Z_]+)"|getenv(?:Or)?\("([A-Z_]+)"|envValue\(app, &s, "([A-Z_]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source (%v)", err)
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range read.FindAllStringSubmatch(string(text), -1) {
			name := m[1]
			if name == "" {
				name = "HELM_" + m[2] + m[3]
			}
			found++
			if !others[name] && !strings.Contains(rootLong, name+" ") && !strings.Contains(rootLong, name+",") {
				t.Errorf("%s reads %s, which the help of pack does not have", file, name)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d variables found", found)
	}
}
