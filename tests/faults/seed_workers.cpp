#include "seed_workers.hpp"

#include <iomanip>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace kusto::faults
{

namespace
{

using clock_type = std::chrono::steady_clock;

void work(seed_settings const& with, seed_worker const& what, std::size_t worker,
          clock_type::time_point start)
{
    auto const end = start + std::chrono::duration<double>(with.seconds);
    for (auto i = worker; i < with.schedules; i += with.jobs)
    {
        if (with.seconds > 0 && clock_type::now() >= end)
            return;
        auto const seed = with.seed + i;
        what.tally(worker).seed = seed;
        // A schedule that hangs ends its worker, and with it names its seed.
        ::alarm(static_cast<unsigned>(what.longest.count()));
        what.run(seed, worker);
    }
}

} // namespace

void seed_tally::count(bool kept_promises, std::uint64_t its_records,
                       std::chrono::milliseconds took)
{
    ++done;
    broken += kept_promises ? 0 : 1;
    records += its_records;
    auto const ms = static_cast<std::uint64_t>(took.count());
    if (ms <= longest_ms)
        return;
    longest_ms = ms;
    longest_seed = seed;
}

void seed_tally::add(seed_tally const& other)
{
    done += other.done;
    broken += other.broken;
    records += other.records;
    if (other.longest_ms <= longest_ms)
        return;
    longest_ms = other.longest_ms;
    longest_seed = other.longest_seed;
}

shared_memory::shared_memory(std::size_t size)
    : size_(size),
      data_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
{
    if (data_ == MAP_FAILED)
        throw std::runtime_error("no shared memory");
}

shared_memory::~shared_memory()
{
    ::munmap(data_, size_);
}

bool run_seeds(seed_settings const& with, seed_worker const& what)
{
    auto const start = clock_type::now();
    std::vector<pid_t> workers;
    for (std::size_t i = 0; i < with.jobs; ++i)
    {
        auto const child = ::fork();
        if (child < 0)
            throw std::runtime_error("no process for a worker");
        if (child == 0)
        {
            work(with, what, i, start);
            std::cout << std::flush;
            std::exit(0);
        }
        workers.push_back(child);
    }
    bool good = true;
    for (std::size_t i = 0; i < workers.size(); ++i)
    {
        int status = 0;
        ::waitpid(workers[i], &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        good = false;
        auto const seed = what.tally(i).seed;
        std::cout << "a worker died (status " << status << ") at seed " << seed << ":\n  "
                  << what.describe(seed) << std::endl;
    }
    return good;
}

std::string summary(seed_settings const& with, seed_tally const& sum,
                    std::chrono::duration<double> took)
{
    std::ostringstream out;
    out << sum.done << " schedules from seed " << with.seed << ", " << sum.records << " records, "
        << sum.broken << " schedules with broken promises, " << std::fixed << std::setprecision(1)
        << took.count() << " s, longest " << sum.longest_ms << " ms (seed " << sum.longest_seed
        << ")";
    return out.str();
}

} // namespace kusto::faults
