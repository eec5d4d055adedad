package kube

import (
	"fmt"
	"os"

	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// maxConfigFile bounds a kubeconfig and each file that it names: they are read whole.
const maxConfigFile = 128 << 20

// checkFiles looks at the kubeconfig files before they are read.
func (o ConfigOptions) checkFiles() error {
	if o.Path != "" {
		return checkFile(o.Path)
	}
	for _, path := range o.Paths {
		if err := checkFile(path); err != nil {
			return err
		}
	}
	return nil
}

// checkNamed looks at the files that a context names.
func (o ConfigOptions) checkNamed(raw *clientcmdapi.Config, name string) error {
	files := []string{o.CAFile}
	if selected := raw.Contexts[name]; selected != nil {
		if c := raw.Clusters[selected.Cluster]; c != nil && o.CAFile == "" {
			files = append(files, c.CertificateAuthority)
		}
		if user := raw.AuthInfos[selected.AuthInfo]; user != nil {
			files = append(files, user.ClientCertificate, user.ClientKey, user.TokenFile)
		}
	}
	for _, path := range files {
		if err := checkFile(path); err != nil {
			return err
		}
	}
	return nil
}

// checkFile refuses a file that cannot be read to its end. What else is wrong with it is
// for who reads it to say.
func checkFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if info.Mode().IsRegular() && info.Size() > maxConfigFile {
		return fmt.Errorf("%s is larger than %d bytes", path, maxConfigFile)
	}
	if info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if n, _ := f.Read(make([]byte, 1)); n > 0 { // of the null device there is nothing to read
		return fmt.Errorf("%s is a device, not a file", path)
	}
	return nil
}
