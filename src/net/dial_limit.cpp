#include <net/dial_limit.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace kusto::net
{

dial_limit::dial_limit(deadline until, std::chrono::milliseconds connect_timeout)
    : started_(deadline::clock::now()),
      due_(until.sooner(deadline(started_ + connect_timeout))),
      by_caller_(until.when() <= started_ + connect_timeout)
{
}

failure dial_limit::exceeded(stage where) const
{
    auto const limit =
        std::chrono::duration_cast<std::chrono::milliseconds>(due_.when() - started_).count();
    std::string const whose = by_caller_ ? " ms, the caller's deadline" : " ms (connect_timeout)";
    failure what(errc::timed_out, where,
                 std::string(to_string(where)) + " did not complete within " +
                     std::to_string(std::max<std::int64_t>(limit, 0)) + whose);
    what.retryable(true);
    return what;
}

} // namespace kusto::net
