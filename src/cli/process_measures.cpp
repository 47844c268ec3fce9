#include <cli/process_measures.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <pthread.h>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace
{

std::atomic<std::uint64_t> allocation_count{0};

void* counted(std::size_t size)
{
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    if (void* const memory = std::malloc(size == 0 ? 1 : size))
        return memory;
    throw std::bad_alloc();
}

void* counted(std::size_t size, std::align_val_t alignment)
{
    allocation_count.fetch_add(1, std::memory_order_relaxed);
    void* memory = nullptr;
    if (posix_memalign(&memory, static_cast<std::size_t>(alignment), size) == 0)
        return memory;
    throw std::bad_alloc();
}

} // namespace

// The other forms of operator new and delete call these.
void* operator new(std::size_t size)
{
    return counted(size);
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
    return counted(size, alignment);
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

namespace kusto::cli
{

namespace fs = std::filesystem;

namespace
{

std::string text_of(fs::path const& path)
{
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A line `Name:   123 kB` of /proc/self/status, in bytes.
std::uint64_t status_bytes(std::string const& name)
{
    std::istringstream lines(text_of("/proc/self/status"));
    std::string line;
    while (std::getline(lines, line))
        if (line.rfind(name + ":", 0) == 0)
            return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10) * 1024;
    return 0;
}

double seconds_of(timeval const& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

} // namespace

std::uint64_t allocations() noexcept
{
    return allocation_count.load(std::memory_order_relaxed);
}

double process_cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double thread_cpu_seconds(std::string_view name)
{
    double sum = 0;
    std::error_code ignored;
    for (auto const& task : fs::directory_iterator("/proc/self/task", ignored))
        if (text_of(task.path() / "comm") == std::string(name) + "\n")
            sum += std::strtod(text_of(task.path() / "schedstat").c_str(), nullptr) / 1e9;
    return sum;
}

void name_this_thread(char const* name)
{
    pthread_setname_np(pthread_self(), name);
}

double process_cpu_seconds(pid_t process)
{
    auto const text = text_of("/proc/" + std::to_string(process) + "/stat");
    auto const end = text.rfind(')');
    if (end == std::string::npos)
        return 0;
    std::istringstream rest(text.substr(end + 2));
    std::vector<std::string> const fields{std::istream_iterator<std::string>(rest), {}};
    auto const ticks = std::strtod(fields.at(11).c_str(), nullptr) +
                       std::strtod(fields.at(12).c_str(), nullptr);
    return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::uint64_t resident_bytes()
{
    return status_bytes("VmRSS");
}

std::uint64_t peak_resident_bytes()
{
    return status_bytes("VmHWM");
}

void reset_peak()
{
    std::ofstream("/proc/self/clear_refs") << "5";
}

std::string processor_name()
{
    std::istringstream lines(text_of("/proc/cpuinfo"));
    std::string line;
    while (std::getline(lines, line))
        if (line.rfind("model name", 0) == 0)
            return line.substr(line.find(':') + 2);
    return "unknown";
}

} // namespace kusto::cli
