package dependency_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed-0d4f92cc/pack/pkg/repo/dependency"
)

func ExampleManager_Update() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"web": "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: db, version: ^1, repository: file://../db}\n",
		"db":  "apiVersion: v2\nname: db\nversion: 1.4.0\n",
	} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			fmt.Println(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "Chart.yaml"), []byte(text), 0o600); err != nil {
			fmt.Println(err)
		}
	}
	m := dependency.New(dependency.Config{Tell: func(line string) { fmt.Println(line) }})
	web := filepath.Join(dir, "web")
	if err := m.Update(context.Background(), web, dependency.Options{}); err != nil {
		fmt.Println(err)
	}
	list, _, err := dependency.List(web)
	fmt.Println(list, err)
	// Output:
	// Saving 1 charts
	// Deleting outdated charts
	// [{db ^1 file://../db ok}] <nil>
}
