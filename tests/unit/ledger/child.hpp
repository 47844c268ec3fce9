#pragma once

#include <functional>
#include <sys/types.h>

namespace kusto::test
{

/// A forked child that runs `act` and then, if `stays`, waits to be killed. Construction returns
/// when `act` did; `good` says whether it returned true (and threw nothing).
class child
{
public:
    enum class afterwards
    {
        ends,
        stays,
    };
    child(std::function<bool()> const& act, afterwards then);
    child(child const&) = delete;
    child& operator=(child const&) = delete;
    ~child() { kill(); }

    [[nodiscard]] bool good() const noexcept { return good_; }
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// SIGKILL; returns when the process is gone.
    void kill();

private:
    pid_t pid_ = -1;
    bool running_ = false;
    bool good_ = false;
};

/// From now on no file of this process can grow beyond `bytes`: writing fails with EFBIG.
void limit_file_size(unsigned long bytes);
/// Takes that back, as far as the system's limit goes.
void lift_file_size_limit();

} // namespace kusto::test
