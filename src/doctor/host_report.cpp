#include <doctor/host_report.hpp>

#include <doctor/clean_text.hpp>

namespace kusto::doctor
{

namespace
{

using namespace std::chrono_literals;

constexpr auto near_its_end = 24h * 14;

} // namespace

verdict judge_step(std::string_view name, host_step const& step, circumstances const& with)
{
    if (step.failed)
        return judge(name, *step.failed, with);
    if (!step.taken)
        return verdict::skipped("not needed");
    return verdict::ok(one_line(step.detail));
}

verdict judge_tls(std::string_view name, host_report const& report, bool is_https,
                  base::utc_time_point now, circumstances const& with)
{
    if (!is_https)
        return verdict::ok("http, without TLS: allowed on loopback only");
    auto judged = judge_step(name, report.tls, with);
    if (judged.state != check_state::ok || !report.certificate_end)
        return judged;
    auto const end = *report.certificate_end;
    if (end > now + near_its_end)
        return judged;
    return verdict::warning(judged.detail + "; the certificate ends at " +
                                base::iso_text(end).substr(0, 19) + 'Z',
                            "the owner of the server must renew its certificate");
}

} // namespace kusto::doctor
