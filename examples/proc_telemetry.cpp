#include "proc_telemetry.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <unistd.h>

namespace fs = std::filesystem;

namespace
{

std::string read_file(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Command lines are separated by NUL bytes and may hold any bytes at all.
std::optional<std::string> command_line(fs::path const& folder)
{
    auto text = read_file(folder / "cmdline");
    while (!text.empty() && text.back() == '\0')
        text.pop_back();
    if (text.empty())
        return std::nullopt;
    for (auto& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e)
            c = ' ';
    return text;
}

} // namespace

std::vector<process_sample> read_processes(kusto::datetime now)
{
    auto const ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    auto const page = sysconf(_SC_PAGESIZE);
    std::vector<process_sample> samples;
    std::error_code ignored;
    for (auto const& entry : fs::directory_iterator("/proc", ignored))
    {
        auto const name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos)
            continue;
        // "pid (name) state ...": the name may contain blanks and parentheses.
        auto const stat = read_file(entry.path() / "stat");
        auto const open = stat.find('(');
        auto const close = stat.rfind(')');
        if (close == std::string::npos)
            continue; // it ended meanwhile
        std::istringstream rest(stat.substr(close + 2));
        std::vector<std::string> const fields{std::istream_iterator<std::string>(rest), {}};
        if (fields.size() < 22)
            continue;
        process_sample sample;
        sample.time = now;
        sample.pid = std::stoi(name);
        sample.name = stat.substr(open + 1, close - open - 1);
        sample.state = fields[0];
        sample.cpu_seconds = (std::stod(fields[11]) + std::stod(fields[12])) / ticks;
        sample.threads = std::stoi(fields[17]);
        sample.resident_bytes = std::stoll(fields[21]) * page;
        sample.command = command_line(entry.path());
        samples.push_back(std::move(sample));
    }
    return samples;
}

std::vector<counter_sample> read_counters(kusto::datetime now)
{
    std::vector<counter_sample> samples;
    auto const add = [&](char const* kind, std::string instance, char const* counter, double value)
    {
        counter_sample sample;
        sample.time = now;
        sample.kind = kind;
        sample.instance = std::move(instance);
        sample.counter = counter;
        sample.value = value;
        samples.push_back(std::move(sample));
    };
    auto const ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    std::string line, name;

    std::istringstream cpu(read_file("/proc/stat"));
    while (std::getline(cpu, line) && line.starts_with("cpu"))
    {
        double user = 0, nice = 0, system = 0, idle = 0;
        std::istringstream(line) >> name >> user >> nice >> system >> idle;
        add("cpu", name, "user_seconds", (user + nice) / ticks);
        add("cpu", name, "system_seconds", system / ticks);
        add("cpu", name, "idle_seconds", idle / ticks);
    }
    std::istringstream memory(read_file("/proc/meminfo"));
    double value = 0;
    while (memory >> name >> value && std::getline(memory, line))
        if (name == "MemTotal:" || name == "MemAvailable:" || name == "Cached:")
            add("memory", name.substr(0, name.size() - 1), "bytes", value * 1024);

    std::istringstream disks(read_file("/proc/diskstats"));
    while (std::getline(disks, line))
    {
        double major = 0, minor = 0, reads = 0, merged = 0, sectors_read = 0, ms = 0, writes = 0,
               sectors_written = 0;
        std::istringstream(line) >> major >> minor >> name >> reads >> merged >> sectors_read >>
            ms >> writes >> merged >> sectors_written;
        add("disk", name, "bytes_read", sectors_read * 512);
        add("disk", name, "bytes_written", sectors_written * 512);
    }
    std::istringstream network(read_file("/proc/net/dev"));
    while (std::getline(network, line))
    {
        auto const colon = line.find(':');
        if (colon == std::string::npos)
            continue;
        std::istringstream fields(line.substr(colon + 1));
        std::vector<double> const numbers{std::istream_iterator<double>(fields), {}};
        if (numbers.size() < 9)
            continue;
        name = line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' '));
        add("network", name, "bytes_received", numbers[0]);
        add("network", name, "bytes_sent", numbers[8]);
    }
    return samples;
}
