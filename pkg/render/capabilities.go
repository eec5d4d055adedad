package render

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// KubeVersion is a version of Kubernetes.
type KubeVersion struct {
	// Version is the whole version, "v1.36.3-gke.5".
	Version string
	// Major and Minor are as the server reports them, "1" and "36" or "36+".
	Major string
	Minor string
	// Normalized is Version without its suffix: what the version prints as and
	// what a chart's kubeVersion is compared with. Empty means Version itself,
	// as it is for the version that a live server reports.
	Normalized string
}

// String is the normalised version.
func (v KubeVersion) String() string {
	if v.Normalized != "" {
		return v.Normalized
	}
	return v.Version
}

// DefaultCapabilities is what Helm 4.3.1 assumes without a cluster: Kubernetes
// v1.37.0 with the group versions that its client library knows.
func DefaultCapabilities() Capabilities {
	return Capabilities{
		KubeVersion: KubeVersion{Version: "v1.37.0", Normalized: "v1.37.0", Major: "1", Minor: "37"},
		APIVersions: defaultAPIVersions(),
	}
}

// orDefault fills in what is zero.
func (c Capabilities) orDefault() Capabilities {
	if c.KubeVersion == (KubeVersion{}) {
		c.KubeVersion = DefaultCapabilities().KubeVersion
	}
	if c.APIVersions == nil {
		c.APIVersions = defaultAPIVersions()
	}
	return c
}

// ParseKubeVersion reads a version as --kube-version has it: at least two
// numbers, a "v" in front or not, any suffix behind ("1.30", "v1.30.4-gke.5").
func ParseKubeVersion(text string) (KubeVersion, error) {
	fail := func(why string) (KubeVersion, error) {
		return KubeVersion{}, fmt.Errorf("invalid kube version '%s': %s", text, why)
	}
	match := regexp.MustCompile(`^\s*v?([0-9]+(?:\.[0-9]+)*)`).FindStringSubmatch(text)
	if match == nil {
		return fail(fmt.Sprintf("could not parse %q as version", text))
	}
	numbers := strings.Split(match[1], ".")
	if len(numbers) < 2 {
		return fail(fmt.Sprintf("illegal version string %q", text))
	}
	for _, n := range numbers {
		if len(n) > 1 && n[0] == '0' {
			return fail(fmt.Sprintf("illegal zero-prefixed version component %q in %q", n, text))
		}
		if _, err := strconv.ParseUint(n, 10, 0); err != nil {
			return fail(fmt.Sprintf("illegal non-numeric version component %q in %q: %v", n, text, err))
		}
	}
	version := text
	if !strings.HasPrefix(version, "v") {
		version = "v" + version
	}
	return KubeVersion{
		Version:    version,
		Normalized: "v" + match[1],
		Major:      numbers[0],
		Minor:      numbers[1],
	}, nil
}

// WithAPIVersions returns the capabilities with group versions added, as
// --api-versions does.
func (c Capabilities) WithAPIVersions(versions ...string) Capabilities {
	c = c.orDefault()
	c.APIVersions = slices.Concat(c.APIVersions, versions)
	return c
}
