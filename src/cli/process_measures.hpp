#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace kusto::cli
{

/// Calls of `operator new` in this program so far. Memory that C libraries take is not counted.
[[nodiscard]] std::uint64_t allocations() noexcept;

/// CPU time of this process, user and system.
[[nodiscard]] double process_cpu_seconds();
/// CPU time of this process's live threads with that name; Linux only.
[[nodiscard]] double thread_cpu_seconds(std::string_view name);
/// Names the calling thread, and thereby those that it starts from then on.
void name_this_thread(char const* name);
/// CPU time of another process of ours, to 10 ms; 0 when it is not there.
[[nodiscard]] double process_cpu_seconds(pid_t process);

/// Resident memory now, and the most since `reset_peak`, in bytes.
[[nodiscard]] std::uint64_t resident_bytes();
[[nodiscard]] std::uint64_t peak_resident_bytes();
void reset_peak();

/// The processor's name, for reports.
[[nodiscard]] std::string processor_name();

} // namespace kusto::cli
