#include <kusto/credential.hpp>

#include <base/secret.hpp>
#include <utility>

namespace kusto
{

certificate_source::certificate_source(certificate_source const& other) = default;
certificate_source::certificate_source(certificate_source&& other) noexcept = default;

certificate_source& certificate_source::operator=(certificate_source other) noexcept
{
    path_.swap(other.path_);
    content_.swap(other.content_);
    password_.swap(other.password_);
    send_chain_ = other.send_chain_;
    return *this;
}

certificate_source::~certificate_source()
{
    base::wipe(content_);
    base::wipe(password_);
}

certificate_source& certificate_source::password(std::string value)
{
    password_.swap(value);
    base::wipe(value);
    return *this;
}

} // namespace kusto
