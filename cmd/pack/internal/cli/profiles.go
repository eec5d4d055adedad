package cli

import (
	"errors"
	"os"
	"runtime"
	"runtime/pprof"
)

// profile writes profiles of the run to where PACK_PPROF_CPU_PROFILE and
// PACK_PPROF_MEM_PROFILE say, as Helm does. What is returned ends them. That a profile
// cannot be written is told, and is no fault of the command.
func (s *session) profile() (stop func()) {
	cpuPath, _ := s.getenv("PPROF_CPU_PROFILE")
	memPath, _ := s.getenv("PPROF_MEM_PROFILE")
	var cpu *os.File
	if cpuPath != "" {
		var err error
		if cpu, err = startCPUProfile(cpuPath); err != nil {
			s.Log.Warn("no profile of the processor is written", "error", err)
		}
	}
	return func() {
		if cpu != nil {
			pprof.StopCPUProfile()
			if err := cpu.Close(); err != nil {
				s.Log.Warn("the profile of the processor is not whole", "error", err)
			}
		}
		if memPath != "" {
			if err := writeHeapProfile(memPath); err != nil {
				s.Log.Warn("no profile of the memory is written", "error", err)
			}
		}
	}
}

func startCPUProfile(path string) (*os.File, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func writeHeapProfile(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	runtime.GC() // counts are as of the last collection
	return errors.Join(pprof.WriteHeapProfile(file), file.Close())
}
