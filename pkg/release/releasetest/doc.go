// Package releasetest has doubles for what package release asks of a cluster,
// small but real: a Store and a Cluster in memory, and the suites that these
// and every other implementation must pass.
//
// A test that wants to see an operation fail sets Fail, in StoreConfig or in
// ClusterConfig; one that wants to see what was done reads Calls.
package releasetest

// The namespaces in which the suites work. They must exist where an
// implementation under test reaches out, and may hold anything: the suites use
// names that nobody else uses, and remove what they make.
const (
	NamespaceA = "releasetest-a"
	NamespaceB = "releasetest-b"
)
