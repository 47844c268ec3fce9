#pragma once

// What the quick start sends: counters of this machine, read from /proc as typed records.

#include <boost/describe.hpp>
#include <cstdint>
#include <kusto/types.hpp>
#include <optional>
#include <string>
#include <vector>

/// One process at one moment. A described struct: its members become columns.
struct process_sample
{
    kusto::datetime time;
    std::int32_t pid = 0;
    std::string name;
    std::string state;
    std::int64_t resident_bytes = 0;
    std::int32_t threads = 0;
    double cpu_seconds = 0;
    std::optional<std::string> command; ///< kernel threads have none
};
BOOST_DESCRIBE_STRUCT(process_sample, (),
                      (time, pid, name, state, resident_bytes, threads, cpu_seconds, command))

/// One counter of CPU, memory, disk or network.
struct counter_sample
{
    kusto::datetime time;
    std::string kind;     ///< `cpu`, `memory`, `disk`, `network`
    std::string instance; ///< `cpu0`, `vda`, `eth0`, ...
    std::string counter;  ///< `user_seconds`, `MemAvailable`, `bytes_received`, ...
    double value = 0;
};
BOOST_DESCRIBE_STRUCT(counter_sample, (), (time, kind, instance, counter, value))

std::vector<process_sample> read_processes(kusto::datetime now);
std::vector<counter_sample> read_counters(kusto::datetime now);
