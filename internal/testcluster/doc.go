// Package testcluster gives a test binary a Kubernetes cluster: it launches
// the program of test/controlplane once, hands out namespaces in it, and
// switches faults on and off. It needs no Kubernetes library.
//
// A test binary starts one cluster in its TestMain:
//
//	func TestMain(m *testing.M) {
//		c, err := testcluster.Start(context.Background(), testcluster.Config{Binary: os.Getenv("PACK_CONTROLPLANE")})
//		…
//		code := m.Run()
//		err = c.Stop()
//		…
//	}
//
// The cluster ends with the test binary, however that ends.
package testcluster
