package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-0d4f92cc/pack/cmd/pack/internal/cli"
)

// TestMain makes the test binary the program that scripts run as "pack".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"pack": func() { os.Exit(cli.Main(context.Background())) },
	})
}

// TestScripts runs testdata/script/*.txtar. With PACK_UPDATE=1 the expected
// outputs in them are rewritten.
func TestScripts(t *testing.T) {
	t.Parallel()
	const dir = "../../../../testdata/script"
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s (%v)", dir, err)
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		UpdateScripts:       os.Getenv("PACK_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"serve": cmdServe, "keys": cmdKeys},
		Setup: func(env *testscript.Env) error {
			// Paths of the machine would end up in expected outputs.
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			return os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o755)
		},
	})
}
