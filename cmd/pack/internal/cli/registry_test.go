package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-0d4f92cc/pack/internal/testregistry"
)

// TestRegistryScripts runs testdata/registry/*.txtar. They have three registries,
// each a path of its own in them: $PLAIN; $BASIC, over TLS with the authority
// $BASIC_CA; and $TOKEN. The user of the latter is "user", the password "secret".
func TestRegistryScripts(t *testing.T) {
	t.Parallel()
	const dir = "../../../../testdata/registry"
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in %s (%v)", dir, err)
	}
	binary := os.Getenv("PACK_REGISTRY")
	plain := testregistry.Start(t, testregistry.Config{Binary: binary})
	basic := testregistry.Start(t, testregistry.Config{Binary: binary, TLS: true, Auth: "basic"})
	token := testregistry.Start(t, testregistry.Config{Binary: binary, Auth: "token"})
	testscript.Run(t, testscript.Params{
		Files:               files,
		UpdateScripts:       os.Getenv("PACK_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("PLAIN", plain.Address)
			env.Setenv("BASIC", basic.Address)
			env.Setenv("BASIC_CA", basic.CAFile)
			env.Setenv("TOKEN", token.Address)
			return os.Mkdir(home, 0o755)
		},
	})
}
