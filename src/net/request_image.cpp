#include <net/request_image.hpp>

#include <algorithm>
#include <array>
#include <base/ascii.hpp>
#include <base/secret.hpp>
#include <optional>
#include <utility>

namespace kusto::net
{

namespace asio = boost::asio;

namespace
{

bool is_token(std::string_view name)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [others](char c) {
                                            return base::is_letter(c) || base::is_digit(c) ||
                                                   others.find(c) != std::string_view::npos;
                                        });
}

bool is_control(char c)
{
    auto const code = static_cast<unsigned char>(c);
    return (code < 0x20 && c != '\t') || code == 0x7f;
}

bool is_field_value(std::string_view value)
{
    return std::none_of(value.begin(), value.end(), is_control);
}

bool is_target(std::string_view target)
{
    return std::none_of(target.begin(), target.end(),
                        [](char c) { return is_control(c) || c == ' ' || c == '\t'; });
}

// The transport frames messages; fields that say otherwise would let one request pass for two.
bool belongs_to_transport(std::string_view name)
{
    constexpr std::array<std::string_view, 4> ours = {"host", "content-length", "transfer-encoding",
                                                      "connection"};
    return std::any_of(ours.begin(), ours.end(),
                       [name](std::string_view each)
                       { return base::equal_ignoring_case(each, name); });
}

/// Enough for everything: where text grows, a part of a secret stays behind.
std::size_t size_of_head(async::http_request const& request, std::string_view user_agent)
{
    constexpr std::size_t our_own = 256; // method, version, length, the names of our fields
    auto size = our_own + request.target.target().size() + request.target.authority().size() +
                user_agent.size();
    for (auto const& [name, value] : request.headers)
        size += name.size() + value.size() + 4;
    return size;
}

void add_field(std::string& head, std::string_view name, std::string_view value)
{
    head.append(name).append(": ").append(value).append("\r\n");
}

std::optional<failure> check(async::http_request const& request)
{
    if (!is_target(request.target.path()) || !is_target(request.target.query()))
        return blame(request, errc::invalid_url, request.where,
                     "the URL holds a space or a control character; percent-encode it");
    for (auto const& [name, value] : request.headers)
    {
        if (!is_token(name))
            return blame(request, errc::invalid_option, request.where,
                         "a header field's name is empty or holds a character that is not allowed");
        if (!is_field_value(value))
            return blame(request, errc::invalid_option, request.where,
                         "the value of header field " + name +
                             " holds a line break or another control character; remove it");
    }
    return std::nullopt;
}

} // namespace

failure blame(async::http_request const& request, errc code, stage where, std::string message)
{
    return blame(request, failure(code, where, std::move(message)));
}

failure blame(async::http_request const& request, failure what)
{
    if (what.host().empty())
        what.host(request.target.authority());
    for (auto const& [name, value] : request.headers)
        if (base::equal_ignoring_case(name, "x-ms-client-request-id"))
            what.request_id(value);
    return what;
}

result<request_image> request_image::make(async::http_request const& request,
                                          std::string_view user_agent)
{
    auto problem = check(request);
    if (problem)
        return *std::move(problem);

    request_image image(request);
    image.body_size_ = request.body.size();
    if (!request.body_parts.empty())
    {
        image.body_size_ = 0;
        for (auto const part : request.body_parts)
            image.body_size_ += part.size();
    }

    auto& head = image.head_;
    head.reserve(size_of_head(request, user_agent));
    head.append(to_string(request.method)).append(" ");
    head.append(request.target.target()).append(" HTTP/1.1\r\n");
    add_field(head, "Host", request.target.authority());
    bool named = false;
    for (auto const& [name, value] : request.headers)
    {
        if (belongs_to_transport(name))
            continue;
        add_field(head, name, value);
        named = named || base::equal_ignoring_case(name, "user-agent");
    }
    if (!named && !user_agent.empty())
        add_field(head, "User-Agent", user_agent);
    bool const has_body =
        request.method == async::http_method::put || request.method == async::http_method::post;
    if (has_body || image.body_size_ != 0)
        add_field(head, "Content-Length", std::to_string(image.body_size_));
    head += "\r\n";
    return image;
}

request_image::~request_image()
{
    base::wipe(head_);
}

std::vector<asio::const_buffer> request_image::buffers() const
{
    std::vector<asio::const_buffer> all;
    all.reserve(request_->body_parts.size() + 2);
    all.push_back(asio::buffer(head_));
    if (request_->body_parts.empty())
        all.push_back(asio::buffer(request_->body));
    for (auto const part : request_->body_parts)
        all.push_back(asio::buffer(part.data(), part.size()));
    return all;
}

} // namespace kusto::net
