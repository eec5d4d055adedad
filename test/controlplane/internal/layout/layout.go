// Package layout says where a control plane keeps its files and what it tells other processes about itself.
package layout

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Config is what every component process needs to know; the supervisor writes it once.
type Config struct {
	// DataDir holds all state: etcd's data, certificates, logs.
	DataDir string `json:"dataDir"`
	// EtcdPort, APIServerPort and KubeletPort are ports on 127.0.0.1, fixed for the life of the control plane.
	EtcdPort      int `json:"etcdPort"`
	APIServerPort int `json:"apiServerPort"`
	KubeletPort   int `json:"kubeletPort"`
	// Nodes is the number of simulated nodes.
	Nodes int `json:"nodes"`
}

// PKIDir is the directory of certificates and keys.
func (c Config) PKIDir() string { return filepath.Join(c.DataDir, "pki") }

// EtcdDir is etcd's data directory.
func (c Config) EtcdDir() string { return filepath.Join(c.DataDir, "etcd") }

// LogFile receives the log lines of all components, each line led by the component's name.
func (c Config) LogFile() string { return filepath.Join(c.DataDir, "components.log") }

// Kubeconfig is the administrator's kubeconfig that the components themselves use.
func (c Config) Kubeconfig() string { return filepath.Join(c.DataDir, "admin.kubeconfig") }

// SchedulerConfig is the scheduler's configuration file.
func (c Config) SchedulerConfig() string { return filepath.Join(c.DataDir, "scheduler.yaml") }

// ConfigFile is the file that holds this Config for the component processes.
func (c Config) ConfigFile() string { return filepath.Join(c.DataDir, "components.json") }

// ServerURL is the API server's address.
func (c Config) ServerURL() string { return fmt.Sprintf("https://127.0.0.1:%d", c.APIServerPort) }

// ReadConfig reads what [Config.ConfigFile] holds.
func ReadConfig(path string) (Config, error) {
	var c Config
	return c, readJSON(path, &c)
}

// Info is the side file written next to the kubeconfig, for callers without a Kubernetes client.
type Info struct {
	// PID is the supervisor's process.
	PID int `json:"pid"`
	// Version is the Kubernetes version, such as v1.36.3.
	Version string `json:"version"`
	// Kubeconfig and DataDir are absolute paths.
	Kubeconfig string `json:"kubeconfig"`
	DataDir    string `json:"dataDir"`
	// Server is the API server's URL; CA, Cert and Key are PEM, the latter two of a member of system:masters.
	Server string `json:"server"`
	CA     string `json:"ca"`
	Cert   string `json:"cert"`
	Key    string `json:"key"`
	// Control is the URL of the fault switch; its requests carry ControlToken as bearer token.
	Control      string `json:"control"`
	ControlToken string `json:"controlToken"`
}

// InfoFile is the side file that belongs to a kubeconfig.
func InfoFile(kubeconfig string) string { return kubeconfig + ".json" }

// ReadInfo reads the side file of a kubeconfig; the error wraps [fs.ErrNotExist] when there is none.
func ReadInfo(kubeconfig string) (Info, error) {
	var i Info
	return i, readJSON(InfoFile(kubeconfig), &i)
}

// WriteJSON writes v to path, readable by the owner only.
func WriteJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	return WriteFile(path, append(data, '\n'))
}

// WriteFile writes a file of mode 0600 in one step: a reader sees the old content or the new.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// Remove deletes files; those that are not there are no error.
func Remove(paths ...string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
