package plugin_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
)

const greeter = `apiVersion: v1
name: greeter
version: 1.2.3
type: cli/v1
runtime: subprocess
config:
  usage: greet [NAME]
  shortHelp: says hello
runtimeConfig:
  platformCommand:
  - command: echo hello
`

// What a plugin.yaml says.
func ExampleParse() {
	m, err := plugin.Parse([]byte(greeter))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Name, m.Version, m.Type, m.HasCommand(), m.CLI.ShortHelp)
	// Output: greeter 1.2.3 cli/v1 true says hello
}

// A plugin is installed from a folder, found, run and removed.
func ExampleInstaller() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "plugins")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	source, plugins := filepath.Join(dir, "greeter"), filepath.Join(dir, "plugins")
	if err := os.Mkdir(source, 0o755); err != nil {
		fmt.Println(err)
		return
	}
	if err := os.WriteFile(filepath.Join(source, plugin.FileName), []byte(greeter), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	in := plugin.NewInstaller(plugin.InstallerConfig{Dirs: []string{plugins}})
	if _, err := in.Install(ctx, plugin.InstallRequest{Source: source}); err != nil {
		fmt.Println(err)
		return
	}
	all, err := plugin.LoadAll([]string{plugins}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := plugin.Find(all, "greeter", plugin.TypeCLI)
	err = p.Run(ctx, []string{"you"}, plugin.Process{Env: os.Environ(), Out: os.Stdout})
	fmt.Println(p.SigningStatus(), err, in.Remove(p))
	// Output:
	// hello you
	// local dev <nil> <nil>
}
