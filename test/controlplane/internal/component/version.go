package component

import (
	"fmt"
	"runtime/debug"
	"strings"
	_ "unsafe" // for go:linkname

	"k8s.io/component-base/version"
)

const kubernetesModule = "k8s.io/kubernetes"

// Kubernetes' own build sets these by linker flags. Here the version is the one that go.mod requires, and setting it
// at run time makes it right for every way of building, "go test" included.
var (
	//go:linkname gitVersion k8s.io/component-base/version.gitVersion
	gitVersion string
	//go:linkname gitMajor k8s.io/component-base/version.gitMajor
	gitMajor string
	//go:linkname gitMinor k8s.io/component-base/version.gitMinor
	gitMinor string
	//go:linkname gitTreeState k8s.io/component-base/version.gitTreeState
	gitTreeState string
	//go:linkname gitCommit k8s.io/component-base/version.gitCommit
	gitCommit string
)

// KubernetesVersion is the version of Kubernetes that this binary holds, such as v1.36.3.
func KubernetesVersion() (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", fmt.Errorf("this binary holds no build information: it must be built as a Go module")
	}
	for _, dep := range info.Deps {
		if dep.Path == kubernetesModule {
			return dep.Version, nil
		}
	}
	return "", fmt.Errorf("this binary was built without %s", kubernetesModule)
}

func setVersion() error {
	v, err := KubernetesVersion()
	if err != nil {
		return err
	}
	parts := strings.SplitN(strings.TrimPrefix(v, "v"), ".", 3)
	if len(parts) != 3 {
		return fmt.Errorf("version %q of %s is not MAJOR.MINOR.PATCH", v, kubernetesModule)
	}
	gitVersion, gitMajor, gitMinor, gitTreeState, gitCommit = v, parts[0], parts[1], "clean", ""
	return version.SetDynamicVersion(v)
}
